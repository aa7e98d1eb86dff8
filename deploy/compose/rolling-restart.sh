#!/bin/sh
# Replaces the servers one after the other, by the image that is built now, while agents work: nginx sends new requests
# elsewhere first, then the server drains (its open streams run on), then its successor takes its place.
#   docker compose -f deploy/compose/compose.postgres.yaml build && deploy/compose/rolling-restart.sh
set -eu
cd "$(dirname "$0")"
replicas=../nginx/replicas.conf

compose() {
  docker compose -f compose.postgres.yaml "$@"
}

# Changes the list and has nginx read it, which looks names up again as well: a new container can have a new address.
edit() {
  sed "$1" "$replicas" > "$replicas.new"
  mv "$replicas.new" "$replicas" # so that nginx never reads half of it
  compose exec -T nginx nginx -e stderr -c /etc/nginx/tracevault/nginx.conf -s reload
  sleep 2 # nginx does not say when its old workers have stopped accepting; it takes a fraction of a second
}

all_in='s/ down;/;/'
trap 'echo "Stopped. A server that is marked down in $replicas gets no requests; fix it and run this again." >&2' EXIT
for replica in tracevault-1 tracevault-2; do
  echo "$replica: out of nginx, draining"
  edit "$all_in; /# $replica\$/ s/;/ down;/"
  compose up -d --no-deps --force-recreate --wait "$replica"
  edit "$all_in"
  echo "$replica: replaced"
done
trap - EXIT
