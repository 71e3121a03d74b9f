#!/bin/sh
# The README's tour, against a running server without any account. Needs curl, sh and sed, nothing else.
#
#   docs/tour.sh [URL]                    print every command with its real output (default http://127.0.0.1:8080)
#   docs/tour.sh --update FILE [URL]      put them between the lines <!-- tour:N --> and <!-- /tour:N --> of FILE
#
# A fresh server: cargo run --release -- --database-url sqlite://:memory:
# Tokens and the long permissions object are shortened in what is shown. Exits with 1 at the first surprise.
set -eu

file=
if [ "${1:-}" = --update ]; then
    file=$2
    shift 2
fi
server=${1:-http://127.0.0.1:8080}
server=${server%/}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The variables of the tour. The README's reader types them too.
API=$server/api/v1
JSON='Content-Type: application/json'
here=$(pwd)
step=0
OUT=

# What is shown of an answer.
shorten() {
    sed -e 's/"token":"\([^"]\{10\}\)[^"]*"/"token":"\1…"/g' \
        -e 's/"permissions":{"workspace":{[^}]*}\(,"[a-z_]*":{[^}]*}\)*}/"permissions":{…}/g'
}

# Begins step N: what is shown from here on goes between its two marks.
begin() {
    step=$1
    : >"$work/$step"
}

# Shows a command as it is typed, runs it, shows what it prints, and keeps that in OUT.
run() {
    printf '$ %s\n' "$1" >>"$work/$step"
    # Cookie jars and the like stay in the working folder of the tour.
    OUT=$(cd "$work" && eval "$1") || fail "curl could not reach $server"
    [ -z "$OUT" ] || printf '%s\n' "$OUT" | shorten >>"$work/$step"
}

# Shows and sets a variable.
keep() {
    [ -n "$2" ] || fail "no id in: $OUT"
    printf '$ %s=%s\n' "$1" "$2" >>"$work/$step"
    eval "$1=\$2"
}

# The value of "id" in the last answer.
id() {
    printf '%s\n' "$OUT" | sed -n 's/.*[{,]"id":"\([^"]*\)".*/\1/p'
}

# The last answer must hold this text.
expect() {
    case $OUT in
    *"$1"*) ;;
    *) fail "expected $1 in: $OUT" ;;
    esac
}

# The last answer must not hold this text.
expect_no() {
    case $OUT in
    *"$1"*) fail "did not expect $1 in: $OUT" ;;
    esac
}

fail() {
    printf 'tour: step %s: %s\n' "$step" "$1" >&2
    exit 1
}

# The first account becomes admin.
begin 1
printf '$ %s\n' "API=$API" "JSON='$JSON'" >>"$work/1"
run 'curl -s -c ada.txt $API/auths/signup -H "$JSON" -d '\''{"name":"Ada","email":"ada@example.com","password":"Correct-Horse-7"}'\'
expect '"role":"admin"'

# It may do what only admins may.
begin 2
run 'curl -s -b ada.txt $API/users/all'
expect '"total":1'

# Sign-up is closed now.
begin 3
run 'curl -s -w " (%{http_code})" $API/auths/signup -H "$JSON" -d '\''{"name":"Eve","email":"eve@example.com","password":"Correct-Horse-7"}'\'
expect '(403)'

# The admin adds a user.
begin 4
run 'curl -s -b ada.txt $API/auths/add -H "$JSON" -d '\''{"name":"Bob","email":"bob@example.com","password":"Battery-Staple-9","role":"user"}'\'
expect '"role":"user"'
keep BOB "$(id)"

# A group that may connect tool servers, with the user in it.
begin 5
run 'curl -s -b ada.txt $API/groups/create -H "$JSON" -d '\''{"name":"Tools","description":"May connect tool servers","permissions":{"features":{"direct_tool_servers":true}}}'\'
expect '"name":"Tools"'
keep TOOLS "$(id)"
run 'curl -s -b ada.txt $API/groups/id/$TOOLS/users/add -H "$JSON" -d "{\"user_ids\":[\"$BOB\"]}"'
expect '"member_count":1'

# The user signs in and stores a tool server.
begin 6
run 'curl -s -c bob.txt $API/auths/signin -H "$JSON" -d '\''{"email":"bob@example.com","password":"Battery-Staple-9"}'\'
expect '"direct_tool_servers":true'
run 'curl -s -b bob.txt $API/users/user/settings/update -H "$JSON" -d '\''{"ui":{"theme":"dark","toolServers":[{"url":"https://tools.example.com"}]}}'\'
expect '"toolServers"'

# The user loses the group.
begin 7
run 'curl -s -b ada.txt $API/groups/id/$TOOLS/users/remove -H "$JSON" -d "{\"user_ids\":[\"$BOB\"]}"'
expect '"member_count":0'

# Another tool server is not stored any more, and the rest is.
begin 8
run 'curl -s -b bob.txt $API/users/user/settings/update -H "$JSON" -d '\''{"ui":{"theme":"light","toolServers":[{"url":"https://other.example.com"}]}}'\'
expect '"theme":"light"'
expect_no 'other.example.com"}]}}'
run 'curl -s -b bob.txt $API/users/user/settings'
expect 'tools.example.com'

cd "$here"
n=1
while [ "$n" -le "$step" ]; do
    if [ -n "$file" ]; then
        { printf '```console\n'; cat "$work/$n"; printf '```\n'; } >"$work/block"
        sed -e "/^<!-- tour:$n -->\$/r $work/block" \
            -e "/^<!-- tour:$n -->\$/,/^<!-- \/tour:$n -->\$/{" -e '/^<!-- /!d' -e '}' "$file" >"$work/page"
        cat "$work/page" >"$file"
    else
        printf '<!-- tour:%s -->\n' "$n"
        cat "$work/$n"
    fi
    n=$((n + 1))
done
