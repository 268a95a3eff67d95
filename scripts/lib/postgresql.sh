# shellcheck shell=bash
# A private PostgreSQL in one folder, on a free loopback port: for the tests, the benchmark and scripts/cluster. Sourced
# after setup.sh, never run. It is no server of the machine: no service, no fixed port, nothing left outside its folder.
#
#   FOLDER/data             the database cluster        FOLDER/log          what the server says
#   FOLDER/.s.PGSQL.PORT    the superuser's socket      FOLDER/password     of the role loge
#
# The server refuses to run as root: root runs it as the user postgres of Debian's package, everybody else as
# themselves.

# The folder of the newest server binaries; Debian keeps them off the PATH.
postgresql_binaries() {
    local newest
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort --version-sort | tail -n 1)
    if [[ -x $newest ]]; then
        printf '%s\n' "${newest%/postgres}"
    else
        fail "The PostgreSQL server is not installed." "As root, run: apt-get install postgresql-15"
    fi
}

# Runs "$@" as the user that the server runs as, from a folder that this user can enter.
as_postgres() {
    if [[ $(id -u) -eq 0 ]]; then
        (cd / && exec setpriv --reuid postgres --regid postgres --init-groups -- "$@")
    else
        (cd / && exec "$@")
    fi
}

# Makes a database cluster in the folder `$1`, which is there and empty, with the role loge and its database loge; the
# server is left running. It listens on a free port of the loopback, where a password is asked (FOLDER/password), and on
# a socket in its folder, where its own user and root enter as the superuser.
postgresql_make() {
    local folder binaries port password said
    folder=$(cd "$1" && pwd)
    binaries=$(postgresql_binaries)
    port=$(free_ports 1)
    password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    # The address of a socket has 107 bytes at most.
    [[ ${#folder} -le 85 ]] || fail "The path $folder is too long for a socket." "Use a shorter one."
    printf '%s\n' "$password" >"$folder/password"
    chmod 600 "$folder/password"
    chmod 700 "$folder"
    if [[ $(id -u) -eq 0 ]]; then chown postgres: "$folder"; fi
    as_postgres test -w "$folder" ||
        fail "The user postgres cannot enter $folder." "Let others pass through the folders above it (chmod o+x)."
    said=$(as_postgres "$binaries/initdb" --pgdata "$folder/data" --username postgres --encoding UTF8 \
        --locale C.UTF-8 --auth-local trust --auth-host scram-sha-256 --no-sync 2>&1) ||
        fail "initdb could not make $folder/data." "$said"
    as_postgres tee -a "$folder/data/postgresql.conf" >/dev/null <<EOF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder'
unix_socket_permissions = 0700
log_timezone = 'UTC'
EOF
    postgresql_start "$folder"
    postgresql_query "$folder" postgres >/dev/null <<EOF
create role loge login password '$password';
create database loge owner loge;
EOF
}

# Starts the server of the folder `$1`, and waits until it answers.
postgresql_start() {
    as_postgres "$(postgresql_binaries)/pg_ctl" start --silent --wait --timeout 60 --pgdata "$1/data" --log "$1/log" ||
        {
            tail -n 5 "$1/log" >&2
            fail "PostgreSQL did not start; its last messages are above."
        }
}

# Stops the server of the folder `$1`; `$2` is pg_ctl's mode: fast (when not given), smart or immediate. No error when
# it does not run.
postgresql_stop() {
    if [[ -n $(postgresql_pid "$1") ]]; then
        as_postgres "$(postgresql_binaries)/pg_ctl" stop --silent --wait --timeout 60 --mode "${2:-fast}" \
            --pgdata "$1/data"
    fi
}

# The process of the server of the folder `$1`; nothing when it does not run.
postgresql_pid() {
    local pid
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || return 0
    # One that has ended and whose end nobody has asked for has no command line any more.
    if [[ -n $(tr -d '\0' <"/proc/$pid/cmdline" 2>/dev/null) ]]; then printf '%s\n' "$pid"; fi
}

# The port of the server of the folder `$1`.
postgresql_port() { sed -n 's/^port = //p' "$1/data/postgresql.conf" | tail -n 1; }

# The address of the role loge's database; the password is in FOLDER/password. `$2`: another port, that leads there.
postgresql_url() { printf 'postgresql://loge@127.0.0.1:%s/loge\n' "${2:-$(postgresql_port "$1")}"; }

# Gives what is on standard input to psql, as the superuser of the server of the folder `$1`, in the database `$2` (loge
# when not given). Rows come out bare, columns parted by tabs; the first error ends it.
postgresql_query() {
    as_postgres "$(postgresql_binaries)/psql" --no-psqlrc --quiet --no-align --tuples-only --field-separator $'\t' \
        --set ON_ERROR_STOP=1 --host "$(cd "$1" && pwd)" --port "$(postgresql_port "$1")" --username postgres \
        --dbname "${2:-loge}"
}
