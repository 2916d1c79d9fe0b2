#!/usr/bin/env bash
# Logs you in and prints who you are. Needs curl and openssl.
set -euo pipefail

server='{{ v.server }}'
client_id='{{ v.client_id }}'
redirect_uri='{{ v.redirect_uri }}'
{%- if v.has_secret %}
client_secret=${CLIENT_SECRET:?is not set: it is the client secret of your app}
{%- endif %}

random() { openssl rand -base64 48 | tr -d '\n' | tr '+/' '-_'; }
state=$(random)
verifier=$(random)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')

echo 'Open this address and log in:'
echo "$server/authorize?response_type=code&client_id=$client_id&redirect_uri={{ v.redirect_uri_encoded }}&scope={{ v.scope|urlencode_strict }}&state=$state&code_challenge_method=S256&code_challenge=$challenge"
echo
echo 'At the end your browser cannot show a page, as nothing listens there. Paste its address here:'
read -r came_back

[[ $came_back == *"state=$state"* ]] || { echo 'This is not the answer to this login.' >&2; exit 1; }
code=$(sed -n 's/.*[?&]code=\([^&]*\).*/\1/p' <<<"$came_back")

answer=$(curl -sS "$server/api/token"{% if v.has_secret %} -u "$client_id:$client_secret"{% else %} -d "client_id=$client_id"{% endif %} \
  -d grant_type=authorization_code -d "code=$code" -d "code_verifier=$verifier" --data-urlencode "redirect_uri=$redirect_uri")
access_token=$(sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p' <<<"$answer")
[[ -n $access_token ]] || { echo "$answer" >&2; exit 1; }

curl -sS -H "Authorization: Bearer $access_token" "$server{{ v.me }}"
echo
