"""Sentences of the intake room: what is wrong with a file, a line or a cell, and what to do."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    # whole files
    "intake.not_permitted": _("没有找到您要的内容，或者它不在您的权限范围内。"),
    "intake.unknown_layout": _("没有找到您要的内容，或者它不在您的权限范围内。"),
    "intake.empty_file": _("文件中没有内容。请选择填有数据的文件重新上传。"),
    "intake.file_too_large": _("文件超过 {limit_mb} MB。请拆分成几个文件分别上传。"),
    "intake.store_full": _("服务器存储空间不足，文件没有保存。请联系系统管理员后重新上传。"),
    "intake.reading_busy": _("正在读取的文件较多，请稍后再上传。"),
    "intake.save_as_xlsx": _(
        "不能读取 {form} 格式的文件。请用表格软件打开，另存为 .xlsx 或 CSV 后重新上传。"
    ),
    "intake.unknown_form": _(
        "这不是可以读取的表格文件。请另存为 .xlsx 或 CSV（UTF-8 或 GB18030 编码）后重新上传。"
    ),
    "intake.broken_workbook": _(
        "工作簿已损坏或不完整，不能读取。请用表格软件打开并另存为 .xlsx 后重新上传。"
    ),
    "intake.workbook_locked": _("工作簿设有打开密码。请取消密码保护后重新上传。"),
    "intake.workbook_too_large": _(
        "工作簿展开后过大，未予读取。请删除多余内容，或拆分成几个文件。"
    ),
    "intake.too_heavy": _(
        "读取文件超出了时间或内存限制：可能在很远的位置有零星内容，或数据过多。请将数据复制到新工作簿，或另存为 CSV 后重新上传。"
    ),
    "intake.too_much_text": _("文件的文字总量过大，未予读取。请拆分成几个文件分别上传。"),
    "intake.workbook_entities": _(
        "工作簿中有表格软件不会写入的声明或注释（如 DOCTYPE、ENTITY），未予读取。请用表格软件打开并另存为 .xlsx 后重新上传。"
    ),
    "intake.cell_far_away": _(
        "单元格 {cell} 有内容，离数据太远，多半是误输入的。请删除它所在的整行、整列，保存后重新上传。"
    ),
    "intake.too_many_sheets": _(
        "工作簿有 {sheets} 个工作表，最多 {limit} 个。请只保留要报送的工作表。"
    ),
    "intake.several_sheets": _(
        "工作簿中有几个工作表都像要报送的数据：{sheets}。请只保留其中一个。"
    ),
    "intake.undecodable": _(
        "文件的文字编码不是 UTF-8 或 GB18030。请另存为 UTF-8 编码的 CSV 或 .xlsx 后重新上传。"
    ),
    "intake.open_quote": _(
        "第 {line} 行起有引号没有成对，此后的内容无法分列。请补全或删除引号后重新上传。"
    ),
    "intake.row_too_long": _(
        "第 {line} 行超过 {limit} 个字还没有结束，可能是引号没有成对，或者缺少换行。请核对后重新上传。"
    ),
    "intake.too_many_columns": _("表头有 {columns} 列，最多 {limit} 列。请删除多余的列。"),
    "intake.too_many_lines": _("文件超过 {limit} 行。请拆分成几个文件分别上传。"),
    "intake.use_postgresql": _(
        "文件有 {lines} 行；使用 SQLite 数据库时一个文件最多 {limit} 行。请拆分文件，或由系统管理员改用 PostgreSQL（use PostgreSQL）。"
    ),
    "intake.headings_missing": _(
        "第 {line} 行应为表头，但缺少以下列：{missing}。请对照模板补上后重新上传。"
    ),
    "intake.two_heading_rows": _(
        "第 {first} 行和第 {second} 行都是表头，不能确定各列的含义。请合为一行，每列一个列名，取消合并的单元格后重新上传。"
    ),
    "intake.heading_doubled": _("表头“{first}”与“{second}”指同一列。请只保留其中一列。"),
    "intake.no_layout_fits": _(
        "表头与任何一种报送格式都不相符（{kinds}）。请下载模板，按模板的表头整理。"
    ),
    "intake.natural_person": _(
        "这是自然人的行政处罚表（含个人证件列而没有统一社会信用代码列）。本系统只评价企业，不接收自然人信息，文件未保存。"
    ),
    "intake.copy_missing": _("保存的文件副本不见了，不能继续。请重新上传。"),
    "intake.copy_damaged": _(
        "保存的文件副本与接收时不一致，不能继续。请重新上传，并告知系统管理员。"
    ),
    "intake.clash": _(
        "写入第 {first} 至 {last} 行时与库中已有数据冲突，什么都没有写入。请将这些行另存为单独的文件上传，其余各行重新上传；仍不能写入的，请系统管理员查看日志。"
    ),
    "intake.gave_up": _("处理这个文件多次中断，已停止。请联系系统管理员查看日志后重新上传。"),
    "intake.stale_confirm": _("您看到的核对结果已不是最新的。请重新打开页面，核对后再确认。"),
    "intake.confirmed_already": _("{who} 已于 {at} 确认写入这个文件，不再重复确认。"),
    "intake.not_checked": _("文件还没有核对完，不能确认。请稍候。"),
    "intake.cannot_cancel": _("文件已经确认、取消或处理完毕，不能取消。"),
    "intake.take_back_reason": _("请写明理由。"),
    "intake.not_to_take_back": _("这个文件当前为“{state}”，不能申请撤回。"),
    "intake.nothing_to_decide": _("这个文件当前为“{state}”，没有待复核的撤回申请。"),
    "intake.reason_too_long": _("理由最多 {limit} 个字。请缩短。"),
    "intake.second_person": _("须由另一人复核：{name} 不能复核自己提出的申请。"),
    "intake.take_back_changed": _(
        "您打开页面之后，撤回的影响已有变化。页面已更新，请核对后再办理。"
    ),
    "intake.not_taken_back": _("这个文件没有撤回，当前为“{state}”。请打开文件的页面查看原因。"),
    "intake.never_taken_back": _("这类文件不能撤回。"),
    "intake.nothing_refused": _("这个文件没有未接受的行。"),
    # notes about a file
    "intake.note_unused": _("以下列没有用到：{columns}。"),
    "intake.note_dropped": _("以下列含个人证件信息，没有保存：{columns}。"),
    "intake.note_withheld": _(
        "以下列有 {count} 格是个人身份证号码，没有保存，以“***”代替，按空格处理：{columns}。"
    ),
    "intake.note_untitled": _("有 {count} 列没有表头，没有采用，也没有保存。"),
    "intake.note_other_sheets": _("没有读取的工作表：{sheets}。"),
    "intake.note_hidden_sheets": _("有 {count} 个隐藏的工作表没有读取。"),
    "intake.note_hidden_columns": _("以下列在工作表中是隐藏的，也读取了：{columns}。请核对。"),
    "intake.note_formulas": _(
        "工作表中有 {count} 格是公式，按文件保存时算出的结果读取。请核对结果是否正确。"
    ),
    "intake.note_encoding": _(
        "文件按 {encoding} 编码读取。下面如有乱码，请取消，另存为 UTF-8 编码后重新上传。"
    ),
    "intake.note_same_file": _("同一文件已经接收过（编号 {batch}）。"),
    "intake.note_checked_again": _("确认之后库中数据有变化，已重新核对。请再次确认。"),
    # lines
    "intake.line.tail": _("这一行像是合计、备注或签章，不是数据。如确是数据，请改写第一格。"),
    "intake.line.surplus": _("这一行的格数多于表头，可能是逗号没有加引号。请核对这一行的分列。"),
    "intake.line.hidden": _(
        "这一行在工作表中是隐藏的（或被筛选掉了），没有采用。请核对：应当报送的，取消隐藏后重新报送；也可以直接上传错误报告。"
    ),
    "intake.line.merged": _(
        "这一行有与其他格合并的单元格，分不清各格的内容。请取消合并，逐格填写后重新报送。"
    ),
    # cells
    "intake.cell.missing": _("此项必填。请补填。"),
    "intake.cell.personal": _("这里填的是个人身份证号码，没有保存。请改填此项应有的内容。"),
    "intake.cell.unreadable": _(
        "读不出这一格：含有无法识别的字符，或者是没有结果、结果有误的公式。请重新录入这一格。"
    ),
    "intake.cell.too_long": _("有 {length} 个字，最多 {limit} 个。请缩短。"),
    "intake.cell.too_long_to_read": _("有一格超过 {limit} 个字。请缩短。"),
    "intake.code.number_cell": _(
        "统一社会信用代码存成了数字，末几位已经丢失。请把这一列设为“文本”格式，按营业执照重新录入。"
    ),
    "intake.code.registration_number": _(
        "这是 15 位工商注册号，不是 18 位统一社会信用代码。请填写统一社会信用代码。"
    ),
    "intake.code.personal": _(
        "这里填的是个人身份证号码，没有保存，也不是统一社会信用代码。本系统只评价企业；如是企业，请填写其统一社会信用代码。"
    ),
    "intake.code.length": _("统一社会信用代码应为 18 位，现为 {length} 位。请核对。"),
    "intake.code.letters": _(
        "统一社会信用代码不使用“{letters}”（不用字母 I、O、S、V、Z）。请核对是否录错。"
    ),
    "intake.code.foreign_letters": _(
        "“{letters}”不是英文字母或数字，可能只是看上去相像。请切换到英文输入法，按营业执照重新录入。"
    ),
    "intake.name.foreign_letters": _(
        "“{letters}”是外文字母，看上去像英文字母却不是。请切换到英文输入法重新录入。"
    ),
    "intake.code.check_character": _(
        "统一社会信用代码的校验位不对，其中有录错的字符。请按营业执照核对。"
    ),
    "intake.code.division": _("统一社会信用代码第 3 至 8 位应为数字。请核对。"),
    "intake.code.not_a_code": _("应为由数字或字母组成的代码。请核对。"),
    "intake.code.lost_zero": _(
        "行业代码存成了数字，前面可能丢了 0：{value} 可能是 0{value}，也可能是 {value}。请把该列设为“文本”格式，按原代码重新录入。"
    ),
    "intake.code.not_a_registration_number": _(
        "工商注册号应为 15 位（或 13 位）。请核对，没有则留空。"
    ),
    "intake.date.incomplete": _("日期须写明年、月、日，如 2023-05-01。"),
    "intake.date.unknown_form": _("不是日期。请写成 2023-05-01 的形式。"),
    "intake.date.year": _("年份 {year} 不合理。请核对。"),
    "intake.date.month": _("没有 {month} 月。请核对日期。"),
    "intake.date.no_such_day": _("{year} 年 {month} 月没有 {day} 日。请核对日期。"),
    "intake.date.serial": _("数字 {serial} 不是合理的日期。请写成 2023-05-01 的形式。"),
    "intake.amount.unknown_form": _(
        "不是金额。请只写阿拉伯数字，如 0.5（单位见表头），或带单位，如 5000元。"
    ),
    "intake.amount.currency": _("只接受人民币金额。请折算后填写。"),
    "intake.amount.negative": _("金额不能为负数。请核对。"),
    "intake.amount.too_large": _("金额过大。请核对单位。"),
    "intake.amount.too_many_decimals": _("金额精确到分以下。请核对。"),
    "intake.choice.yes_no": _("请填写“是”或“否”。"),
    # evidence
    "intake.evidence_empty": _("文件是空的（0 字节）。请重新选择文件。"),
    "intake.evidence_too_large": _(
        "文件超过 {limit_mb} MB。请降低扫描或拍照的清晰度，或分成几个文件上传。"
    ),
    "intake.evidence_kind": _(
        "只接收 PDF、JPEG、PNG 和 DOCX 文件；按内容看，这个文件是：{kind}（与扩展名无关）。请另存为 PDF，或拍照后上传。"
    ),
    "intake.evidence_broken": _(
        "文件已损坏、不完整，或夹有其他格式的内容，不能打开。请重新导出、扫描或拍照后上传。"
    ),
    "intake.evidence_too_heavy": _(
        "文件展开后过大，未予读取。请用“打印”功能另存为 PDF 后上传，或分成几个文件。"
    ),
    "intake.picture_too_large": _(
        "图片的像素过多（最多 {limit} 万像素，边长最多 {side} 像素）。请缩小后再上传。"
    ),
    "intake.pdf_locked": _("PDF 设有密码或其他保护。请取消保护，或打印为新的 PDF 后上传。"),
    "intake.pdf_does": _(
        "PDF 中有脚本、嵌入的文件、可提交的表单或自动动作（{what}），不予接收。请用“打印”功能另存为新的 PDF 后上传。"
    ),
    "intake.pdf_unreadable": _(
        "PDF 的内部写法无法检查，不予接收。请用“打印”功能另存为新的 PDF 后上传。"
    ),
    "intake.document_old": _(
        "这是旧格式（.doc）或设有打开密码的文档。请取消密码，另存为 .docx 或 PDF 后上传。"
    ),
    "intake.document_does": _(
        "文档中有宏、嵌入的文件或对外部内容的引用（{what}），不予接收。请删除后另存为 .docx，或另存为 PDF 后上传。"
    ),
    "intake.evidence_infected": _("病毒检查发现问题（{detail}），文件没有保存。请查杀后重新上传。"),
    "intake.evidence_missing": _("材料“{name}”在服务器上不见了。请联系系统管理员。"),
    "intake.evidence_damaged": _("材料“{name}”与接收时的摘要不一致，不予提供。请联系系统管理员。"),
    "intake.choice.unknown": _("不是可填的内容。可填：{allowed}。"),
}

ACTS = {
    "intake.file_received": _("接收文件"),
    "intake.file_confirmed": _("确认文件入库"),
    "intake.file_cancelled": _("取消文件"),
    "intake.file_merged": _("文件入库"),
    "intake.file_refused": _("整个文件未被接受"),
    "intake.take_back_asked": _("申请撤回文件"),
    "intake.take_back_trial": _("推算撤回的影响"),
    "intake.take_back_decided": _("复核撤回申请"),
    "intake.take_back_reopened": _("撤回的影响有变化，重新复核"),
    "intake.take_back_failed": _("文件未能撤回"),
    "intake.file_taken_back": _("撤回文件"),
    "intake.evidence_kept": _("接收证明材料"),
    "intake.evidence_erased": _("清除没有使用的证明材料"),
}
