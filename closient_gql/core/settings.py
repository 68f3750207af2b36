"""Everything that can be set, read once from the environment: `CLOSIENT_*`, `DATABASE_URL` and `VALKEY_URL`."""

import hashlib
import os
import pathlib
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
Words = Annotated[tuple[str, ...], NoDecode]  # "a, b" in the environment


def data_root() -> pathlib.Path:
    """Where this machine keeps what Closient makes: `/var/lib/closient` for root, else below `$XDG_DATA_HOME`."""
    if os.geteuid() == 0:
        return pathlib.Path("/var/lib/closient")
    return pathlib.Path(os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local/share") / "closient"


def default_home() -> pathlib.Path:
    """One folder per checkout, so that two checkouts never share a database."""
    return data_root() / f"{CHECKOUT.name}-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]}"


class Settings(BaseSettings):
    """The settings of one process. Each is an environment variable: `CLOSIENT_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="CLOSIENT_", extra="ignore", frozen=True)

    # where things are
    home: pathlib.Path = Field(default_factory=default_home, description="Data, socket, demo key.")
    database_url: str = Field("", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    database_pool: int = Field(
        default_factory=lambda: max(10, min(40, 4 * (os.cpu_count() or 1))), ge=1, le=100,
        description="Connections of one process; by default four for each core, 10 to 40.",
    )  # fmt: skip
    valkey_url: str = Field("", validation_alias=AliasChoices("VALKEY_URL", "valkey_url"))
    public_url: str = Field("", description="The address that users see, if it is not that of the request.")
    listens_at: str = Field("", description="Set by `closient serve` for its worker: where the API listens.")
    demo: bool | None = Field(None, description="Demo data and key; by default on, off with DATABASE_URL.")
    domains: Words = Field((), description="The domains to serve as a subgraph; none means the whole platform.")

    # the edge
    trusted_proxies: Words = Field((), description="Addresses or networks whose X-Forwarded-* headers are believed.")
    cors_origins: Words = Field(("*",), description="Origins whose pages may call the APIs.")
    max_body: int = Field(2**20, ge=1024, description="Bytes of a JSON or form body.")
    max_headers: int = Field(2**16, ge=1024, description="Bytes of all request headers.")
    rate_per_minute: int = Field(300, ge=1)
    rate_per_day: int = Field(10_000, ge=1)
    rate_publishable_per_minute: int = Field(100, ge=1)
    rate_anonymous_per_minute: int = Field(120, ge=1)
    rate_search_per_minute: int = Field(60, ge=1, description="Searches of one address without a key.")
    rate_search_sessions_per_minute: int = Field(30, ge=1, description="Sessions of one address without a key.")
    rate_readiness_per_minute: int = Field(10, ge=1, description="Readiness checks of one address.")
    rate_readiness_per_hour: int = Field(30, ge=1)

    # the resolver
    resolver_hosts: Words = Field((), description="Further names that this resolver answers at, such as id.acme.com.")
    geoip_file: str = Field("", description="An MMDB file of countries or cities; without: scans have no country.")
    scan_buffer: int = Field(10_000, ge=1, description="Different scans that wait to be written; more are lost.")
    scan_keep_days: int = Field(90, ge=1, description="How long single scans are kept; daily sums stay.")

    # the outside world
    storage_url: str = Field("", description="Where uploads go: a folder, or s3://bucket/prefix; by default in home.")
    s3_endpoint: str = Field("", description="Address of an S3-compatible server other than Amazon's.")
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    max_upload: int = Field(10 * 2**20, ge=1024, description="Bytes of an uploaded file.")
    max_feed: int = Field(64 * 2**20, ge=1024, description="Bytes of an offer feed.")
    smtp_url: SecretStr = Field(SecretStr(""), description="smtp://user:password@host:587; without: mail is printed.")
    mail_from: str = "Closient <no-reply@localhost>"
    geocoder_url: str = Field("", description="A Nominatim server that finds addresses; without: ZIP codes only.")
    recall_feeds: Words = Field(
        (), description="Feeds of recalls to read: FDA, FSIS, CPSC, HEALTH_CANADA; by default all, none with demo data."
    )
    embeddings_url: str = Field(
        "",
        description="A server of OpenAI's protocol (https://…/v1); by default a model on this machine; none: neither.",
    )
    embeddings_model: str = Field("", description="The model that the embedding server is asked for.")
    embeddings_key: SecretStr = SecretStr("")
    embeddings_dimensions: bool = Field(
        True, description="Whether the embedding server is asked for 1,024 dimensions; some refuse to be asked."
    )
    embeddings_timeout: float = Field(2.0, gt=0, le=60, description="Seconds that a search waits for its vector.")
    language_url: str = Field(
        "",
        description="A server of OpenAI's protocol (https://…/v1) whose model helps to read what people say in "
        "sessions. It gets the text, what is searched for so far, and the constraints. None by default.",
    )
    language_model: str = Field("", description="The model that it is asked for.")
    language_key: SecretStr = SecretStr("")
    language_timeout: float = Field(
        2.0, gt=0, le=60, description="Seconds that a search waits for it; then rules stand."
    )
    otlp_endpoint: str = Field("", description="Where OpenTelemetry traces go (OTLP over HTTP); none by default.")

    # the graph
    introspection: bool = True
    graphql_max_tokens: int = Field(10_000, ge=100)
    graphql_max_depth: int = Field(15, ge=1)
    graphql_max_aliases: int = Field(100, ge=1)
    graphql_max_cost: int = Field(10_000, ge=1, description="Objects that one operation may ask for.")
    persisted_queries: bool = Field(True, description="Apollo's automatic persisted queries.")
    trusted_documents: str = Field("", description="A JSON file of documents by id; then nothing else is run.")
    graphql_cache: int = Field(1_000, ge=1, description="Operations kept ready to run.")

    # the process
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    shutdown_seconds: int = Field(20, ge=1, description="How long running requests may take to end.")

    @field_validator("trusted_proxies", "cors_origins", "domains", "recall_feeds", "resolver_hosts", mode="before")
    @classmethod
    def split(cls, value: Any) -> Any:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @property
    def demo_mode(self) -> bool:
        return self.demo if self.demo is not None else not self.database_url

    @property
    def demo_key_file(self) -> pathlib.Path:
        return self.home / "demo.key"

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one."""
        return not self.database_url

    @property
    def recall_feeds_read(self) -> tuple[str, ...]:
        """The feeds that the worker reads: none beside demo data, unless they are named."""
        return self.recall_feeds or (() if self.demo_mode else ("FDA", "FSIS", "CPSC", "HEALTH_CANADA"))

    @property
    def database(self) -> str:
        """The URL to connect to, as libpq and asyncpg read it."""
        return self.database_url or f"postgresql://closient@/closient?host={self.home.absolute() / 'run'}"


@cache
def settings() -> Settings:
    """This process's settings.

    Raises:
        pydantic.ValidationError: a variable has a value that it cannot have.
    """
    return Settings()
