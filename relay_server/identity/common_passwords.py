"""Passwords that guessers try first, long enough to pass the rule of length. Compared without case."""

from typing import Final

_WORDS: Final = """
0000000000 0123456789 0987654321 1111111111 1122334455 1212121212 1231231231 123123123123 12341234123 1234512345
123456123456 1234567890 1234567890a 1234567891 12345678910 1234567899 123456789a 123456789q 123456abcd 123qweasdzxc
1314521521 1472583690 147258369a 1597534682 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 5201314520 5201314521
7894561230 9876543210 a123456789 a1b2c3d4e5 a1b2c3d4e5f6 aa12345678 aa123456789 aaaaaaaaaa aaaaaaaaaaaa abc1234567
abc123456789 abcabcabc1 abcd123456 abcd12345678 abcdefghij abcdefghijk abcdefghijklmnop admin12345 admin123456
admin@1234 admin@12345 adminadmin adminadmin1 administrator administrator1 apple12345 arsenal123 asdf123456
asdfasdfasdf asdfghjkl1 asdfghjkl123 asdfghjkl; autumn2024 autumn2025 autumn2026 barcelona1 baseball12 baseball123
basketball basketball1 batman1234 changeme12 changeme123 changeme1234 changemenow charlie123 chelsea123 company123
company1234 computer12 computer123 correct-horse correcthorse correcthorsebatterystaple december2026 default123
defaultpassword dragon1234 dragon12345 football12 football123 friday1234 google1234 guest12345 guestguest hello12345
hello123456 helloworld helloworld1 helpdesk12 helpdesk123 helpdesk1234 iloveyou12 iloveyou123 iloveyou1234
iloveyouforever internet12 internet123 january2026 jennifer12 jordan2323 letmein123 letmein1234 letmeinnow
li12345678 liverpool1 liverpool123 manchester manchester1 master1234 master12345 michael123 microsoft1 minecraft1
minecraft123 monday1234 monkey1234 mypassword mypassword1 mypassword123 newpassword newpassword1 november2026
p@ssw0rd1! p@ssw0rd12 p@ssw0rd123 p@ssword123 pa$$word123 passw0rd12 passw0rd123 password01 password1! password12
password123 password123! password1234 password12345 password2024 password2025 password2026 passwordpassword
pokemon123 princess12 princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc1 qazwsxedcrfv qq123456789 qwert12345 qwerty123!
qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 realmadrid root123456
rootroot12 samsung123 secret1234 secret12345 secretpassword servicedesk shadow1234 spiderman1 spiderman123
spring2024 spring2025 spring2026 starwars12 starwars123 summer2024 summer2025 summer2026 sunshine12 sunshine123
superman12 superman123 supersecret support123 support1234 temp123456 temporary1 temppassword test123456 test12345678
tester1234 testtest12 testtesttest threeline1 threeline12 threeline123 trustno1trustno1 user123456 wang123456
welcome123 welcome1234 welcome12345 welcome2024 welcome2025 welcome2026 whatever12 whatever123 windows123 winter2024
winter2025 winter2026 woaini123456 woaini1314 woaini520 woaini5201314 xxxxxxxxxx zaq12wsxcde3 zhang123456 zxcvbnm,./
zxcvbnm123 zxcvbnm1234 zzzzzzzzzz
"""
COMMON: Final = frozenset(_WORDS.split())
