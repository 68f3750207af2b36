"""Mail: by SMTP where CLOSIENT_SMTP_URL is set; otherwise it is printed, for whoever runs the server."""

import sys
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from functools import cache
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from closient_gql.core.errors import Unavailable
from closient_gql.core.settings import Settings

PATIENCE = 20.0  # seconds for each step of a conversation with a server
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Mail:
    """A mail of plain text to one address."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Hands the mail over. Unavailable: it could not be, and it may be tried again."""


class ConsoleMailer:
    """Prints mails instead of sending them, secrets in the text included: standard output is the mailbox. Not the log,
    which a level would silence and whose form escapes what people want to copy."""

    async def send(self, mail: Mail) -> None:
        head = f"-- mail to {mail.to}, not sent as CLOSIENT_SMTP_URL is not set: {mail.subject}"
        sys.stdout.write(f"{head}\n\n{mail.text.rstrip()}\n\n-- end of mail\n")
        sys.stdout.flush()


@dataclass(frozen=True)
class SmtpMailer:
    """One server. A password goes to another machine over TLS only."""

    host: str
    port: int
    sender: str
    tls: bool = False  # from the first byte; otherwise STARTTLS, where the server has it
    username: str | None = None
    password: str | None = None

    async def send(self, mail: Mail) -> None:
        try:
            await aiosmtplib.send(
                message_of(mail, self.sender), hostname=self.host, port=self.port, use_tls=self.tls,
                start_tls=self.start_tls, username=self.username, password=self.password, timeout=PATIENCE,
            )  # fmt: skip
        except (aiosmtplib.SMTPException, OSError, MessageError, ValueError, IndexError) as error:
            # a server's own words may repeat what it was told
            code = f" {error.code}" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
            raise Unavailable(f"The mail could not be sent ({type(error).__name__}{code}).") from error
        log.info("mail sent", to=mail.to, subject=mail.subject)

    @property
    def start_tls(self) -> bool | None:
        """None: if the server has it. Not asking would do for nobody, not insisting would give passwords away."""
        return False if self.tls else True if self.username and not local(self.host) else None


def local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Raises:
    ValueError, MessageError, IndexError: an address cannot stand in a header (the last: it is empty).
    """
    name, address = parseaddr(sender)
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = " ".join(mail.subject.split())  # names in it may have lines; a header is one
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


@cache
def mailer_of(settings: Settings) -> Mailer:
    """The mailer that the settings name.

    Raises:
        ValueError: CLOSIENT_SMTP_URL is not the address of a mail server.
    """
    given = settings.smtp_url.get_secret_value()
    if not given:
        return ConsoleMailer()
    url = urlsplit(given)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise ValueError("CLOSIENT_SMTP_URL must be like smtp://user:password@host:587 or smtps://host.")
    tls = url.scheme == "smtps"
    return SmtpMailer(
        url.hostname, url.port or (465 if tls else 587), settings.mail_from, tls,
        unquote(url.username) if url.username else None, unquote(url.password) if url.password else None,
    )  # fmt: skip
