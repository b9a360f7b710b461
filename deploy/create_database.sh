#!/bin/sh
# Run once by the image of PostgreSQL, when its data folder is new: the program's role, which owns
# its database and is held by the policies in it, and the database.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "${POSTGRES_DB:-postgres}" \
    --username "${POSTGRES_USER:-postgres}" \
    --set password="$(cat "${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}")" <<'SQL'
CREATE ROLE sanneng LOGIN PASSWORD :'password'
    NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;
CREATE DATABASE sanneng OWNER sanneng ENCODING 'UTF8' TEMPLATE template0;
SQL
