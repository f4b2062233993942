"""Words of the command line of records: audit, retention, persons, backups, moves."""

from typing import Final

EN: Final[dict[str, str]] = {
    "relay.help_audit": "who did what: verify the chain, list it, write it out",
    "relay.help_audit_verify": "walk the whole chain and say how many rows hold and the newest digest",
    "relay.help_audit_against": "compare with the digests that --anchor wrote to this file earlier",
    "relay.help_audit_anchor": "add the newest digest to this file; keep it on another machine",
    "relay.help_audit_list": "print the newest rows",
    "relay.help_audit_actor": "only what this person, address or `cli` did",
    "relay.help_audit_action": "only this action",
    "relay.help_audit_subject": "only rows about this id",
    "relay.help_audit_limit": "how many rows, 50 unless said otherwise",
    "relay.help_audit_export": "write every row to a new file, one JSON object a line",
    "relay.help_new_file": "new file, readable by its owner only",
    "relay.audit_holds": "{count} rows hold. The newest is row {row}, digest {digest}",
    "relay.audit_was_cut": (
        "Rows up to {row} were taken away when their time was over; {count} kept digests are of those rows."
    ),
    "relay.audit_broken": "The chain is broken at row {row}.",
    "relay.audit_not_kept": "Row {row} is not the one whose digest was kept: the chain was cut or written anew.",
    "relay.refused_anchor_bad": "{path} holds no digests of the audit.",
    "relay.rows_written": "{count} rows are in {path}.",
    "relay.help_retention": "for how long what is kept",
    "relay.help_retention_show": "print the schedule",
    "relay.help_retention_set": "change the schedule",
    "relay.help_retention_kind": "recording, file, message, conversation, ticket or audit",
    "relay.help_retention_days": "days after the end or the last change; 0 keeps for ever",
    "relay.help_retention_run": "erase now what has had its time; a serving relay looks by itself",
    "relay.retention_days": "{days} days",
    "relay.retention_ever": "for ever",
    "relay.retention_done": "What had had its time is erased.",
    "relay.help_person": "a customer's rights: find, export, delete, hold, release",
    "relay.help_person_find": "customers by id or by a part of name, e-mail address or telephone number",
    "relay.help_person_words": "what to look for",
    "relay.help_person_export": "write everything about a customer to a zip: data, a page to read, files",
    "relay.help_person_delete": "erase a customer: everything typed, uploaded and recorded, and who they are",
    "relay.help_person_hold": "erase nothing of this customer until released, whatever the schedule says",
    "relay.help_person_release": "take the hold away",
    "relay.help_person_id": "the customer's id, as `find` prints it",
    "relay.help_person_reason": "why, for whoever asks later",
    "relay.person_title": "Everything on record about you",
    "relay.person_explained": (
        "person.json has the same and the rest for programs to read; files are in the folder files. "
        "Recordings of your screen are encrypted; ask the organisation to play them to you."
    ),
    "relay.person_on_hold": "(on hold)",
    "relay.person_erased": (
        "Erased: {conversations} conversations, {tickets} tickets, {recordings} recordings, and who the customer is."
    ),
    "relay.person_stays": (
        "What stays: that somebody with the id {id} was served, when and by whom, and the audit of who did what, "
        "because the work itself stays on record. Nothing of it says who that was.\n"
        "Backups made before still hold the customer: delete them when their time is over, and erase {id} again "
        "after restoring one."
    ),
    "relay.person_soon": "Readers are at work: old copies in the store's log go at the relay's next look.",
    "relay.person_held": "Nothing of {id} is erased until it is released.",
    "relay.person_released": "{id} is on hold no more.",
    "relay.refused_no_such_person": "There is no such customer, or no such hold: {what}",
    "relay.refused_person_held": "Nothing was erased: on hold are {what}. Release them first.",
    "relay.refused_person_open": "Nothing was erased: still open are {what}. Close them first.",
    "relay.help_backup_pub": "file with the public half of the backup key; without it: what `backup-key use` left",
    "relay.help_backup_plain": "do not seal it: whoever reads the file reads everything",
    "relay.help_backup_key": "make the key that backups are sealed to, or tell the relay its public half",
    "relay.help_restore": "bring a backup back into a data directory (--dir) that is not there or empty",
    "relay.help_restore_archive": "what `backup` wrote",
    "relay.help_restore_key": "file of the backup key, which is kept off the relay's machine",
    "relay.backup_passphrase": "Passphrase of the backup key: ",
    "relay.backup_digest": "SHA-256 {digest}, {sealed}",
    "relay.backup_sealed_to": "sealed to the key {key}",
    "relay.backup_plain": "not sealed",
    "relay.backup_missing": "{count} files that the store names were not there any more: {names}",
    "relay.backup_key_made": (
        "Backup key: {path}\n  passphrase, shown only now: {passphrase}\n"
        "  Keep both away from this machine: without them no backup can be restored, with them every one can be read."
    ),
    "relay.backup_key_used": "Backups are sealed to the key {key} from now on.",
    "relay.restored": "{path} is as it was at {made}: {rows} rows and {files} files, all checked. Now run check.",
    "relay.refused_no_backup_key": (
        "{path} holds no backup key's public half. Make one with backup-key create, or say --plain."
    ),
    "relay.refused_backup_key_wrong": "That passphrase does not open a backup key in {path}.",
    "relay.refused_backup_sealed": "This backup is sealed: name the backup key's file with --key.",
    "relay.refused_backup_damaged": "Nothing was restored: {path} is not what was backed up ({detail}).",
    "relay.refused_backup_newer": "The backup has schema {found}; this program knows up to {wanted}. Use a newer one.",
    "relay.refused_not_empty": "{path} is not empty. A backup is restored into a new directory.",
    "relay.refused_store_newer": (
        "The store has schema {found}, which a later version made; this one knows up to {wanted}. Nothing was touched."
    ),
    "relay.help_migrate": "move the store from its SQLite file into an empty PostgreSQL database; stop the relay first",
    "relay.help_migrate_to": "postgresql://user@host:port/database, without the password",
    "relay.help_migrate_password": "file with the database password",
    "relay.moved_table": "{name}: {rows} rows, the same on both sides, SHA-256 {digest}",
    "relay.moved": (
        "Everything is in {url}, and the audit holds on both sides. Set store_url in relay.toml, run check, then "
        "serve. The old file is {path}: delete it once all is well."
    ),
    "relay.refused_target_not_empty": "The database is not empty (table {table}). Nothing was moved.",
    "relay.refused_move_failed": "Nothing was moved: {detail}.",
}

ZH_CN: Final[dict[str, str]] = {
    "relay.help_audit": "谁做了什么：校验链条、列出、导出",
    "relay.help_audit_verify": "走完整条链，说明有多少行完好以及最新摘要",
    "relay.help_audit_against": "与先前用 --anchor 写入此文件的摘要比对",
    "relay.help_audit_anchor": "把最新摘要追加到此文件；请保存在另一台机器上",
    "relay.help_audit_list": "打印最新的行",
    "relay.help_audit_actor": "仅此人、此地址或 `cli` 所做的",
    "relay.help_audit_action": "仅此动作",
    "relay.help_audit_subject": "仅与此编号有关的行",
    "relay.help_audit_limit": "行数，默认 50",
    "relay.help_audit_export": "把每一行写入新文件，每行一个 JSON 对象",
    "relay.help_new_file": "新文件，仅属主可读",
    "relay.audit_holds": "{count} 行完好。最新为第 {row} 行，摘要 {digest}",
    "relay.audit_was_cut": "第 {row} 行及更早的行已因期限届满移除；保存的摘要中有 {count} 个属于这些行。",
    "relay.audit_broken": "链条在第 {row} 行断裂。",
    "relay.audit_not_kept": "第 {row} 行与保存的摘要不符：链条被截断或重写。",
    "relay.refused_anchor_bad": "{path} 中没有审计摘要。",
    "relay.rows_written": "{count} 行已写入 {path}。",
    "relay.help_retention": "各类内容保存多久",
    "relay.help_retention_show": "打印保存期限",
    "relay.help_retention_set": "修改保存期限",
    "relay.help_retention_kind": "recording、file、message、conversation、ticket 或 audit",
    "relay.help_retention_days": "结束或最后更改之后的天数；0 表示永久保存",
    "relay.help_retention_run": "立即清除到期内容；运行中的中继会自行检查",
    "relay.retention_days": "{days} 天",
    "relay.retention_ever": "永久",
    "relay.retention_done": "到期内容已清除。",
    "relay.help_person": "客户的权利：查找、导出、删除、保全、解除",
    "relay.help_person_find": "按编号，或按姓名、电子邮箱、电话的一部分查找客户",
    "relay.help_person_words": "要查找的内容",
    "relay.help_person_export": "把有关客户的一切写入 zip：数据、可读页面、文件",
    "relay.help_person_delete": "清除一位客户：其输入、上传、录制的一切及其身份",
    "relay.help_person_hold": "在解除之前不清除该客户的任何内容，无论保存期限如何",
    "relay.help_person_release": "解除保全",
    "relay.help_person_id": "客户编号，即 `find` 所打印的",
    "relay.help_person_reason": "原因，供日后查问",
    "relay.person_title": "记录中有关您的一切",
    "relay.person_explained": (
        "person.json 含有同样及其余的数据，供程序读取；文件在 files 文件夹中。屏幕录制已加密；请让该组织为您播放。"
    ),
    "relay.person_on_hold": "（保全中）",
    "relay.person_erased": "已清除：{conversations} 个会话、{tickets} 张工单、{recordings} 个录制，以及客户身份。",
    "relay.person_stays": (
        "保留的内容：编号为 {id} 的某人曾在何时由谁服务，以及谁做了什么的审计，因为工作本身须留在记录中。"
        "其中没有任何内容说明此人是谁。\n"
        "此前的备份仍含有该客户：请在期满时删除备份；恢复备份后请再次清除 {id}。"
    ),
    "relay.person_soon": "有读取正在进行：存储日志中的旧副本将在中继下次检查时清除。",
    "relay.person_held": "在解除之前不会清除 {id} 的任何内容。",
    "relay.person_released": "{id} 已解除保全。",
    "relay.refused_no_such_person": "没有这位客户，或没有这项保全：{what}",
    "relay.refused_person_held": "未清除任何内容：保全中的有 {what}。请先解除。",
    "relay.refused_person_open": "未清除任何内容：仍未结束的有 {what}。请先关闭。",
    "relay.help_backup_pub": "含备份密钥公钥的文件；不给出时使用 `backup-key use` 留下的公钥",
    "relay.help_backup_plain": "不加密：能读此文件者即能读取一切",
    "relay.help_backup_key": "生成备份所用的密钥，或把公钥告知中继",
    "relay.help_restore": "把备份恢复到尚不存在或为空的数据目录（--dir）",
    "relay.help_restore_archive": "由 `backup` 写出的文件",
    "relay.help_restore_key": "备份密钥文件，应保存在中继之外的机器上",
    "relay.backup_passphrase": "备份密钥的口令：",
    "relay.backup_digest": "SHA-256 {digest}，{sealed}",
    "relay.backup_sealed_to": "已加密给密钥 {key}",
    "relay.backup_plain": "未加密",
    "relay.backup_missing": "存储所指的 {count} 个文件已不存在：{names}",
    "relay.backup_key_made": (
        "备份密钥：{path}\n  口令，仅此一次显示：{passphrase}\n"
        "  请把两者保存在别的机器上：没有它们，任何备份都无法恢复；有了它们，任何备份都能读取。"
    ),
    "relay.backup_key_used": "此后的备份将加密给密钥 {key}。",
    "relay.restored": "{path} 已恢复到 {made} 时的状态：{rows} 行、{files} 个文件，均已校验。请先 check 再 serve。",
    "relay.refused_no_backup_key": "{path} 中没有备份密钥的公钥。请用 backup-key create 生成，或使用 --plain。",
    "relay.refused_backup_key_wrong": "该口令打不开 {path} 中的备份密钥。",
    "relay.refused_backup_sealed": "此备份已加密：请用 --key 指明备份密钥文件。",
    "relay.refused_backup_damaged": "未恢复任何内容：{path} 与备份时不符（{detail}）。",
    "relay.refused_backup_newer": "备份的模式为 {found}，本程序最高支持 {wanted}。请使用更新的程序。",
    "relay.refused_not_empty": "{path} 不为空。备份须恢复到新目录。",
    "relay.refused_store_newer": "存储的模式为 {found}，由更新的版本生成；本版本最高支持 {wanted}。未作任何改动。",
    "relay.help_migrate": "把存储从 SQLite 文件迁移到空的 PostgreSQL 数据库；请先停止中继",
    "relay.help_migrate_to": "postgresql://user@host:port/database，不含密码",
    "relay.help_migrate_password": "含数据库密码的文件",
    "relay.moved_table": "{name}：{rows} 行，两侧一致，SHA-256 {digest}",
    "relay.moved": (
        "全部内容已在 {url} 中，两侧审计均完好。请在 relay.toml 中设置 store_url，先 check 再 serve。"
        "旧文件为 {path}：确认无误后请删除。"
    ),
    "relay.refused_target_not_empty": "该数据库不为空（表 {table}）。未迁移任何内容。",
    "relay.refused_move_failed": "未迁移任何内容：{detail}。",
}
