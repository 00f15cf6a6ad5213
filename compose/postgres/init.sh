#!/bin/bash
# Runs once, when the database is made: the appliance's role is no superuser, so its extensions are made here.
set -euo pipefail
password=$(cat /run/secrets/database_password)
psql -v ON_ERROR_STOP=1 -v password="$password" --username postgres --dbname postgres <<'SQL'
CREATE ROLE appliance LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE appliance OWNER appliance;
REVOKE CONNECT ON DATABASE appliance FROM PUBLIC;
SQL
psql -v ON_ERROR_STOP=1 --username postgres --dbname appliance <<'SQL'
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
SQL
