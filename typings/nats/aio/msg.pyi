class Msg:
    subject: str
    data: bytes
