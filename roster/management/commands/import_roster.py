from roster.commands import FileCommand


class Command(FileCommand):
    help = (
        "Takes in a roster file (CSV or XLSX)."
        " Exit codes: 0 done, 1 the file was refused, 2 used wrongly."
    )
    layout_keys = ("roster",)
