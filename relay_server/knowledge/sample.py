"""Articles of the sample organisation, each in both languages. Invented, like the products they are about."""

from typing import Final

from relay_server.engine.journal import Transaction
from relay_server.knowledge.store import ArticleRow, insert

# (id, category, (English title, body), (Chinese title, body))
_ARTICLES: Final = (
    (
        "license-server",
        "software",
        (
            "LabDesk says “license server not reached”",
            "LabDesk asks the license server at every start.\n\n"
            "1. Check that the computer is in the company network or that the VPN is on.\n"
            "2. Open *Settings > License* and press **Test connection**.\n"
            "3. If the test fails with code E-1042, port 5093 is blocked: ask your network administrator to open it.\n"
            "4. LabDesk goes on working offline for 72 hours after the last successful check.\n",
        ),
        (
            "LabDesk 提示“无法连接许可证服务器”",
            "LabDesk 每次启动都会联系许可证服务器。\n\n"
            "1. 确认电脑在公司网络内，或已连接 VPN。\n"
            "2. 打开 *设置 > 许可证*，点击 **测试连接**。\n"
            "3. 如果测试失败并显示代码 E-1042，说明端口 5093 被阻止，请网络管理员开放该端口。\n"
            "4. 上次检查成功后，LabDesk 可以离线使用 72 小时。\n",
        ),
    ),
    (
        "reset-password",
        "account",
        (
            "Reset a forgotten password",
            "You can set a new password yourself.\n\n"
            "1. On the sign-in page choose **Forgot password**.\n"
            "2. Enter your work e-mail; a link arrives within five minutes and is good for one hour.\n"
            "3. Choose a password of at least twelve characters.\n\n"
            "No e-mail? Look into the spam folder. After five wrong tries the account is locked for 15 minutes.\n",
        ),
        (
            "忘记密码，如何重置",
            "您可以自己设置新密码。\n\n"
            "1. 在登录页面点击 **忘记密码**。\n"
            "2. 输入工作邮箱，五分钟内会收到链接，一小时内有效。\n"
            "3. 新密码至少十二个字符。\n\n"
            "没有收到邮件？请查看垃圾邮件文件夹。连续输错五次，账号会锁定 15 分钟。\n",
        ),
    ),
    (
        "label-printer",
        "device",
        (
            "The label printer prints blank or shifted labels",
            "Blank or shifted labels nearly always mean that the label size does not fit.\n\n"
            "1. Hold the feed key for three seconds: the printer measures the roll.\n"
            "2. In LabDesk open *Print > Label size* and choose the size that is on the roll.\n"
            "3. Thermal paper has one side that prints. Turn the roll round if labels stay blank.\n"
            "4. Clean the print head with alcohol when lines are missing.\n",
        ),
        (
            "标签打印机打印空白或位置偏移",
            "空白或偏移通常是标签尺寸不符造成的。\n\n"
            "1. 按住走纸键三秒，打印机会测量纸卷。\n"
            "2. 在 LabDesk 中打开 *打印 > 标签尺寸*，选择与纸卷一致的尺寸。\n"
            "3. 热敏纸只有一面可以打印。如果仍为空白，请把纸卷反过来装。\n"
            "4. 如果有线条缺失，用酒精清洁打印头。\n",
        ),
    ),
    (
        "gateway-offline",
        "network",
        (
            "The YL-200 gateway is shown as offline",
            "The gateway reports every 30 seconds; after two minutes without a report it is shown as offline.\n\n"
            "1. Look at the lamps: *power* green, *link* blinking. A dark link lamp means cable or switch.\n"
            "2. Restart it: unplug it for ten seconds. It is back after about 90 seconds.\n"
            "3. Red *cloud* lamp: the clock is wrong or the certificate ran out. Press **Sync time** on its page.\n"
            "4. Data of up to seven days is kept in the gateway and sent when it is back.\n",
        ),
        (
            "YL-200 数据网关显示离线",
            "网关每 30 秒上报一次，两分钟没有上报就会显示离线。\n\n"
            "1. 查看指示灯：*电源* 绿色，*网络* 闪烁。网络灯不亮，请检查网线或交换机。\n"
            "2. 重启网关：断电十秒再通电，约 90 秒后恢复。\n"
            "3. *云* 灯为红色：时间不正确或证书过期。请在网关页面点击 **同步时间**。\n"
            "4. 网关可保存七天数据，恢复连接后自动上传。\n",
        ),
    ),
    (
        "export-report",
        "data",
        (
            "Export a report to Excel",
            "Every table in LabDesk can be exported.\n\n"
            "1. Open the report and set period and instruments.\n"
            "2. Choose **Export > Excel**. More than 50,000 rows are split into several sheets.\n"
            "3. Numbers stay numbers: choose the decimal sign under *Settings > Region* before exporting.\n\n"
            "The export is empty? The filter “approved only” hides results that nobody has approved yet.\n",
        ),
        (
            "把报表导出到 Excel",
            "LabDesk 中的任何表格都可以导出。\n\n"
            "1. 打开报表，设置时间范围和仪器。\n"
            "2. 选择 **导出 > Excel**。超过 50,000 行会拆分为多个工作表。\n"
            "3. 导出前在 *设置 > 区域* 中选择小数点符号，数字会保持为数字。\n\n"
            "导出结果为空？筛选条件“仅已批准”会隐藏未批准的结果。\n",
        ),
    ),
    (
        "slow-start",
        "software",
        (
            "LabDesk starts slowly or freezes at the logo",
            "A slow start usually comes from the local cache or from a drive that cannot be reached.\n\n"
            "1. Close LabDesk, hold *Shift* while starting it and choose **Clear cache**.\n"
            "2. Remove network drives that are no longer there from *Settings > Folders*.\n"
            "3. Let the virus scanner leave out the folder *LabDesk/cache*.\n\n"
            "If it still freezes, ask us: with your consent an engineer looks at your screen.\n",
        ),
        (
            "LabDesk 启动缓慢或停在启动画面",
            "启动缓慢通常是本地缓存或无法访问的网络盘造成的。\n\n"
            "1. 关闭 LabDesk，按住 *Shift* 启动，选择 **清除缓存**。\n"
            "2. 在 *设置 > 文件夹* 中移除已不存在的网络盘。\n"
            "3. 让杀毒软件排除 *LabDesk/cache* 文件夹。\n\n"
            "如果仍然卡住，请联系我们：经您同意，工程师可以查看您的屏幕。\n",
        ),
    ),
)


def load(tx: Transaction) -> None:
    """Writes the sample articles into an empty store."""
    for name, category, english, chinese in _ARTICLES:
        for language, (title, body) in (("en", english), ("zh_CN", chinese)):
            article_id = f"{name}-{language.lower().replace('_', '-')}"
            insert(tx, ArticleRow(article_id, language, title, category, body, 1, tx.now_ms))
