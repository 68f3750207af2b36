#!/usr/bin/env bash
# A PostgreSQL 17 with PostGIS and pgvector of one's own, with one command, on Debian 12 and 13 (and other
# glibc systems that have apt), as root or as a plain user. Nothing is installed into the system.
#
#   postgres.sh up       fetch what is missing, initialise, start; the last line printed is the URL
#   postgres.sh stop     stop the server; fine if it does not run
#   postgres.sh status   exit 0 if it runs (prints the URL), 3 if it does not
#   postgres.sh bin      print the folder with psql, pg_dump and pg_restore, fetched if missing
#   postgres.sh fetch    binaries only (for images and CI caches)
#
# CLOSIENT_HOME      data, socket and log live in data/ and run/ below it (up, stop, status)
# CLOSIENT_PG_HOME   the binaries, shared by all checkouts of this machine (default below)
# CLOSIENT_PG_TEST=1  a new cluster is made as a throw-away: fsync off. Never for data that matters.
#
# How: packages of Debian "trixie", resolved and verified (signatures, checksums) by this machine's own apt
# from the mirror that it is configured with, in a private apt state; unpacked with dpkg-deb; run with
# trixie's own loader and glibc, so that the host's glibc does not matter.
set -euo pipefail
umask 022
export LC_ALL=C  # lengths in bytes, messages in English

SUITE=trixie MAJOR=17 DB=closient
PACKAGES="postgresql-$MAJOR postgresql-$MAJOR-postgis-3 postgresql-$MAJOR-pgvector"
EXTENSIONS="postgis vector pg_trgm unaccent btree_gist pg_stat_statements"
if [ "$(id -u)" = 0 ]; then default=/var/lib/closient/postgres
else default=${XDG_DATA_HOME:-${HOME:-/nonexistent}/.local/share}/closient/postgres; fi
PG=$(realpath -ms "${CLOSIENT_PG_HOME:-$default}")
PREFIX=$PG/$SUITE-$MAJOR

say() { echo "postgres: $*" >&2; }
die() { say "$*"; exit 1; }

# --- the binaries ---------------------------------------------------------------------------------------

have() {  # bin folder, share folder
  local x
  for x in postgres initdb pg_ctl pg_isready psql pg_dump pg_restore; do [ -x "$1/$x" ] || return 1; done
  for x in $EXTENSIONS; do [ -e "$2/extension/$x.control" ] || return 1; done
  "$1/postgres" --version >/dev/null 2>&1
}

find_bin() {  # the system's PostgreSQL if it is of our version and has everything, else the private one
  BIN=/usr/lib/postgresql/$MAJOR/bin;        ! have "$BIN" "/usr/share/postgresql/$MAJOR" || return 0
  BIN=$PREFIX/usr/lib/postgresql/$MAJOR/bin; have "$BIN" "$PREFIX/usr/share/postgresql/$MAJOR"
}

need_bin() {  # of several checkouts that need them at once, one fetches and the others wait
  find_bin && return
  { mkdir -p "$PG" && [ -w "$PG" ]; } 2>/dev/null || die "cannot write $PG: set CLOSIENT_PG_HOME to a folder that $(id -un) can write"
  exec 8>"$PG/.lock"
  flock -n 8 || { say "waiting: somebody else is fetching PostgreSQL into $PG"; flock 8; }
  find_bin || { fetch; find_bin || die "the fetched PostgreSQL does not run here"; }
  exec 8>&-
}

with_progress() {  # megabytes in all, folder being filled, command...
  local total=$1 folder=$2 last=0 now pid; shift 2
  "$@" & pid=$!
  trap 'kill $pid 2>/dev/null || true' EXIT  # Ctrl-C does not reach what runs in the background
  while kill -0 $pid 2>/dev/null; do
    sleep 0.5
    now=$(du -sm "$folder" 2>/dev/null | cut -f1)
    [ "${now:-0}" -lt $((last + 10)) ] || { last=$now; say "  $now of $total MB"; }
  done
  trap - EXIT
  wait $pid
}

fetch() {
  local new=$PREFIX.new apt=$PREFIX.apt arch uri security code f lib ld total signed=
  local key=/usr/share/keyrings/debian-archive-keyring.gpg
  { command -v apt-get && command -v dpkg-deb; } >/dev/null ||
    die "no apt on this machine: set DATABASE_URL to a PostgreSQL $MAJOR that has PostGIS and pgvector"
  say "fetching PostgreSQL $MAJOR, PostGIS and pgvector (once on this machine)"
  rm -rf "$new" "$apt"; mkdir -p "$new" "$apt"/{lists,archives}/partial
  arch=$(dpkg --print-architecture)
  # shellcheck disable=SC1091
  code=$(. /etc/os-release && echo "${VERSION_CODENAME:-$SUITE}")
  # the mirrors in this machine's own apt configuration, asked for the pinned suite
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' >"$apt/targets"
  uri=$(awk -v c="$code" '$2=="main" && ($1==c || $1 ~ /^(oldstable|stable|testing|sid|unstable|trixie)$/) {print $3; exit}' "$apt/targets")
  security=$(awk '$2=="main" && $1 ~ /^[a-z]+-security$/ {print $3; exit}' "$apt/targets")
  [ -n "$uri" ] || die "no Debian mirror in this machine's apt configuration: set DATABASE_URL to a PostgreSQL $MAJOR that has PostGIS and pgvector"
  [ ! -r "$key" ] || signed="[signed-by=$key] "
  # A package that claims to be what PostgreSQL's packages name but an embedded server does not need
  # (raster and GDAL, SFCGAL, LLVM's JIT, Perl wrappers, debconf): 62 MB to fetch instead of 163.
  cat >"$apt/status" <<STUB
Package: not-needed
Status: install ok installed
Architecture: $arch
Maintainer: none <none@localhost>
Version: 1
Provides: libgdal36 (= 99), libsfcgal2 (= 99), libllvm19 (= 9:99), postgresql-common (= 999), postgresql-client-common (= 999), ssl-cert, locales, debconf (= 99), sensible-utils, openssl-provider-legacy, readline-common, tzdata, dpkg (= 99), perl-base (= 99), gcc-14-base (= 14.2.0-19), libpam-runtime, libaudit-common (= 1:99), passwd, adduser (= 99), krb5-locales, ucf
Description: stub

STUB
  local options=(-q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::Etc::preferences=-
    -o Dir::Etc::preferencesparts=- -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status"
    -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" -o Acquire::Languages=none -o Acquire::Retries=3
    -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Install-Recommends=false
    -o APT::Sandbox::User="$(id -un)" -o APT::Keep-Downloaded-Packages=true)
  { echo "deb $signed$uri $SUITE main"; [ -z "$security" ] || echo "deb $signed$security $SUITE-security main"; } >"$apt/sources.list"
  say "  reading the package lists of $SUITE"
  if ! apt-get "${options[@]}" update >"$apt/log" 2>&1; then  # without the security suite, if the mirror has none
    sed -i "/$SUITE-security/d" "$apt/sources.list"
    apt-get "${options[@]}" update >>"$apt/log" 2>&1 ||
      { tail -5 "$apt/log" >&2; die "apt could not read $SUITE (no network? an old debian-archive-keyring?)"; }
  fi
  # shellcheck disable=SC2086
  total=$(apt-get "${options[@]}" -y --print-uris install $PACKAGES patchelf 2>/dev/null | awk "/^'/ {s += \$3} END {print int(s / 1e6)}")
  # shellcheck disable=SC2086
  with_progress "$total" "$apt/archives" apt-get "${options[@]}" -y --download-only install $PACKAGES patchelf >>"$apt/log" 2>"$apt/errors" ||
    { tail -5 "$apt/errors" >&2; die "apt could not fetch the packages"; }
  say "  unpacking"
  for f in "$apt"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$f" | tar -x -C "$new" --no-same-owner --exclude='./etc/*' --exclude='./usr/share/doc/*' \
      --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='*/lib/bitcode/*' --exclude='*/llvmjit*' \
      --exclude='*/gconv/*' --exclude='*/postgresql/*/man/*' --exclude='*/contrib/postgis-*' --exclude='*/postgis_raster*' \
      --exclude='*/postgis_sfcgal*' --exclude='*/postgis_tiger*' --exclude='*/postgis_topology*' \
      --exclude='*/address_standardizer*' --exclude='*--unpackaged--*' --exclude='*next--*' --exclude='*--*next.sql'
  done
  ln -s postgis-3.control "$new/usr/share/postgresql/$MAJOR/extension/postgis.control"  # Debian: by update-alternatives
  ln -s ../share "$new/usr/lib/share"                                                   # libproj looks for ../share/proj
  lib=$(cd "$new" && echo usr/lib/*-linux-gnu*)
  ld=$(cd "$new/$lib" && echo ld-linux*.so.*)
  for f in "$new/usr/lib/postgresql/$MAJOR/bin/"*; do  # loader and RPATH of the executables; libraries inherit them
    [ "$(head -c4 "$f" | tail -c3)" = ELF ] || continue
    "$new/$lib/$ld" --library-path "$new/$lib" "$new/usr/bin/patchelf" --force-rpath \
      --set-rpath "\$ORIGIN/../../../../../$lib" --set-interpreter "$PREFIX/$lib/$ld" "$f"
  done
  (cd "$apt/archives" && printf '%s\n' *.deb) >"$new/PACKAGES"  # what is in it, with versions
  rm -rf "$PREFIX"; mv "$new" "$PREFIX"; rm -rf "$apt"
  [ -d /usr/share/zoneinfo ] || say "warning: no /usr/share/zoneinfo here (package tzdata): only UTC will work"
}

case ${1:-up} in
  fetch) need_bin; exit ;;
  bin) need_bin; echo "$BIN"; exit ;;
  up | stop | status) COMMAND=${1:-up} ;;
  *) sed -n '5,9s/^# *//p' "$0" >&2; exit 2 ;;
esac

# --- where, and who runs it: PostgreSQL refuses root ----------------------------------------------------

[ -n "${CLOSIENT_HOME:-}" ] || die "set CLOSIENT_HOME to the folder that holds the data"
PLACE=$(realpath -m "$CLOSIENT_HOME") DATA=$(realpath -m "$CLOSIENT_HOME")/data RUN=$(realpath -m "$CLOSIENT_HOME")/run
URL="postgresql://$DB@/$DB?host=$RUN"

clean() { env -i PATH=/usr/bin:/bin HOME="$PLACE" LC_ALL=C.UTF-8 "$@"; }   # PGPORT and the like do not get through
ready() { clean "$BIN/pg_isready" -q -h "$RUN" -U $DB -d postgres; }

if [ "$COMMAND" = status ]; then
  if find_bin && ready; then echo "$URL"; exit 0; fi
  exit 3
fi

case $PLACE in *[\'\"\\,%\&+\#?]*) die "$PLACE has a character that a database URL cannot hold: set CLOSIENT_HOME to a plainer path" ;; esac
[ "${#PLACE}" -le 89 ] ||
  die "$PLACE is ${#PLACE} characters long, and a Unix socket in it allows 89: set CLOSIENT_HOME to a shorter path"

if [ ! -d "$DATA" ]; then OWNER=
else OWNER=$(stat -Lc %U "$DATA"); fi
ME=$(id -un) AS=()
if [ "$(id -u)" = 0 ]; then
  ME=${OWNER:-postgres}
  if [ -z "$OWNER" ] && ! getent passwd postgres >/dev/null; then
    ME=closient
    getent passwd $ME >/dev/null || useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin $ME
  fi
  case $ME in root | UNKNOWN) die "$DATA belongs to $(stat -Lc %u "$DATA"), who cannot run PostgreSQL: give it to a plain user" ;; esac
  AS=(setpriv "--reuid=$ME" "--regid=$(id -g "$ME")" --clear-groups)
elif [ -n "$OWNER" ] && [ "$OWNER" != "$ME" ]; then
  die "$DATA belongs to $OWNER: be that user, or set CLOSIENT_HOME to a folder of your own"
fi
as() { (cd / && clean ${AS[@]+"${AS[@]}"} "$@") 9>&-; }   # as the plain user, without our lock

if [ "$COMMAND" = stop ] && [ ! -d "$DATA" ]; then say "not running"; exit 0; fi
{ mkdir -p "$PLACE" && [ -w "$PLACE" ]; } 2>/dev/null || die "cannot write $PLACE: set CLOSIENT_HOME to a folder that $(id -un) can write"
if ! as test -x "$PLACE" && [ -O "$PLACE" ]; then   # a private folder of root's: let the server pass, nothing more
  chgrp "$(id -g "$ME")" "$PLACE" && chmod g+x "$PLACE"
fi
as test -x "$PLACE" || die "user $ME, who runs the server, cannot reach $PLACE: set CLOSIENT_HOME to a place outside private folders such as /root"

[ "$COMMAND" = stop ] || need_bin
if ! find_bin; then say "not running"; exit 0; fi
as test -x "$BIN/postgres" || die "user $ME, who runs the server, cannot reach $PG: set CLOSIENT_PG_HOME to a place outside private folders such as /root"

exec 9>"$PLACE/.lock"   # one at a time; who stays running does not keep it
flock -n 9 || { say "waiting for another start or stop in $PLACE"; flock 9; }

# --- the cluster ----------------------------------------------------------------------------------------

postmaster() {  # its pid, if it lives: the pid alone may be a zombie's or, after a reboot, anybody's
  local pid
  pid=$(head -1 "$DATA/postmaster.pid" 2>/dev/null) && [ -n "$pid" ] && [ "/proc/$pid/cwd" -ef "$DATA" ] && echo "$pid"
}

clear_dead() {  # what a kill -9 leaves: lock files, and backends that are still busy with a query
  local process
  for process in /proc/[0-9]*; do
    if [ "$process/cwd" -ef "$DATA" ] && [ "$(cat "$process/comm" 2>/dev/null)" = postgres ]; then
      kill -9 "${process#/proc/}" 2>/dev/null || true
      while [ "$process/cwd" -ef "$DATA" ]; do sleep 0.02; done
    fi
  done
  rm -f "$DATA/postmaster.pid" "$RUN"/.s.PGSQL.5432*
}

initialise() {  # beside its place and then moved there: an interrupted run leaves nothing half-made
  local new=$DATA.new
  say "making the database in $DATA"
  rm -rf "$new"; mkdir -p "$new"; chmod 700 "$new"
  [ -z "${AS[*]-}" ] || chown "$ME:" "$new"
  # the socket folder is 0700: who can reach it is the owner or root, so "trust" is enough there; TCP is off
  as "$BIN/initdb" -D "$new" -U $DB --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 \
    --locale-provider=builtin --builtin-locale=C.UTF-8 --data-checksums --no-instructions \
    ${CLOSIENT_PG_TEST:+--no-sync} >"$PLACE/initdb.log" 2>&1 || { tail -5 "$PLACE/initdb.log" >&2; die "initdb failed"; }
  rm "$PLACE/initdb.log"
  printf "\ninclude 'closient.conf'   # written anew at every start; what you set below it wins\n" | as tee -a "$new/postgresql.conf" >/dev/null
  [ -z "${CLOSIENT_PG_TEST:-}" ] || as touch "$new/throw-away"
  mv "$new" "$DATA"
}

configure() {
  local shared=posix
  # a small /dev/shm, as containers have it, is too little for building an HNSW index in parallel
  [ "$(df --output=size -k /dev/shm 2>/dev/null | tail -1)" -ge 1000000 ] 2>/dev/null || shared=mmap
  as tee "$DATA/closient.conf" >/dev/null <<CONF
listen_addresses = ''                     # Unix socket only
unix_socket_directories = '$RUN'
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 100
shared_preload_libraries = 'pg_stat_statements'
dynamic_shared_memory_type = $shared
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 512MB              # an HNSW build that does not fit gets many times slower
max_wal_size = 2GB
random_page_cost = 1.1                    # at 4 the planner sorts the table instead of using HNSW on vector(1024)
jit = off                                 # LLVM is left out here; say the same to a server of your own
hnsw.iterative_scan = strict_order        # a filtered nearest-neighbour query fills its LIMIT
hnsw.ef_search = 100
CONF
  [ ! -e "$DATA/throw-away" ] || printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n' | as tee -a "$DATA/closient.conf" >/dev/null
}

start() {
  local n=0
  until ready; do
    n=$((n + 1))
    if postmaster >/dev/null; then
      [ $((n % 50)) != 20 ] || say "waiting: the server is recovering"
      sleep 0.2
      if [ $n -gt 25 ] && [ ! -S "$RUN/.s.PGSQL.5432" ]; then
        say "its socket is gone: restarting the server"
        as "$BIN/pg_ctl" -D "$DATA" -m fast -w stop >/dev/null
      fi
      continue
    fi
    clear_dead
    mkdir -p "$RUN"; chmod 700 "$RUN"
    [ -z "${AS[*]-}" ] || chown "$ME:" "$RUN"
    configure
    as "$BIN/pg_ctl" -D "$DATA" -l "$RUN/server.log" -w start >/dev/null 2>&1 || postmaster >/dev/null ||
      { tail -5 "$RUN/server.log" >&2; die "the server did not start; its log is $RUN/server.log"; }
  done
}

furnish() {  # the database and its extensions
  local x
  # shellcheck disable=SC2016
  sql() {  # the lock: of an earlier start that was killed, the last statement may still be running in the server
    clean "$BIN/psql" -h "$RUN" -U $DB -XqAt -v ON_ERROR_STOP=1 -d "$1" -c "SET client_min_messages = warning" \
      -c 'DO $$ BEGIN PERFORM pg_advisory_lock(1); END $$' -c "$2"
  }
  [ "$(sql postgres "SELECT 1 FROM pg_database WHERE datname = '$DB'")" = 1 ] || sql postgres "CREATE DATABASE $DB"
  for x in $EXTENSIONS; do sql $DB "CREATE EXTENSION IF NOT EXISTS $x"; done
  say "$(sql $DB "SELECT split_part(version(), ' (', 1) || ', PostGIS ' || postgis_lib_version() || ', pgvector ' || extversion FROM pg_extension WHERE extname = 'vector'")"
  sql $DB CHECKPOINT   # with synchronous_commit off, a crash right now would lose the last extension
  echo "$EXTENSIONS" | as tee "$DATA/furnished" >/dev/null
}

if [ "$COMMAND" = stop ]; then
  if postmaster >/dev/null; then as "$BIN/pg_ctl" -D "$DATA" -m fast -w stop >/dev/null || die "the server did not stop; its log is $RUN/server.log"
  else say "not running"; fi
  exit 0
fi
[ -s "$DATA/PG_VERSION" ] || initialise
[ "$(cat "$DATA/PG_VERSION")" = $MAJOR ] || die "$DATA is of PostgreSQL $(cat "$DATA/PG_VERSION"), this is $MAJOR: dump it with the old binaries, or move it away"
start
[ "$(cat "$DATA/furnished" 2>/dev/null)" = "$EXTENSIONS" ] || furnish
echo "$URL"
