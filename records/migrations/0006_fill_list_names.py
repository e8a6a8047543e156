"""Names of lists that stood in the code, and official ones, for kinds that were loaded before."""

from django.db import migrations

NAMES = {
    "abnormal_operation": "经营异常",
    "tax_arrears": "欠税",
    "abnormal_taxpayer": "非正常",
    "judgment_defaulter": "失信被执行人",
    "seriously_dishonest": (
        "严重、黑名单、严重违法失信名单、重大税收违法失信主体、重大税收违法案件、拖欠农民工工资失信联合惩戒对象、"
        "政府采购严重违法失信行为记录名单、统计严重失信企业名单、安全生产严重失信主体名单、社会保险严重失信人名单、"
        "文化和旅游市场严重失信主体名单、严重违法超限超载运输失信当事人名单"
    ),
}


def fill(apps, schema_editor):
    kinds = apps.get_model("records", "Kind").objects
    for code, names in NAMES.items():
        kinds.filter(pk=code, shape="state", list_names="").update(list_names=names)


class Migration(migrations.Migration):
    dependencies = [("records", "0005_kind_list_names")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
