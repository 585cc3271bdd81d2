#!/usr/bin/env bash
# Builds a Kubernetes control plane for the tests from the distribution's source package, once, without root and
# without touching the machine's own packages: an API server, its controllers, its scheduler, and etcd beside them.
# KUBEBUILDER_ASSETS names a folder that has them already; then there is nothing to do.
set -euo pipefail

ASSETS=${KUBEBUILDER_ASSETS:-${XDG_CACHE_HOME:-$HOME/.cache}/odmd/kubernetes}
ETCD=${1:?"say where etcd is: build_kubernetes.sh FOLDER_OF_ETCD"}
PROGRAMS="kube-apiserver kube-controller-manager kube-scheduler"

complete() { for program in $PROGRAMS etcd; do [ -x "$ASSETS/$program" ] || return 1; done; }
missing() { echo "$1 is missing: install $2, and say make kubernetes again" >&2; exit 1; }
say() { echo "kubernetes: $1 (after $SECONDS s)"; }

complete && { echo "kubernetes: $ASSETS has all that the tests need"; exit 0; }
[ -z "${KUBEBUILDER_ASSETS:-}" ] || { echo "$ASSETS lacks one of: $PROGRAMS etcd; unset KUBEBUILDER_ASSETS to have them built" >&2; exit 1; }
command -v apt-get > /dev/null || missing apt-get "Debian 12, or set KUBEBUILDER_ASSETS to a folder that has: $PROGRAMS etcd"
command -v dpkg-source > /dev/null || missing dpkg-source dpkg-dev

WORK=$ASSETS/build
mkdir -p "$WORK"
exec 9> "$WORK/lock"
flock 9
complete && exit 0

# The machine's own sources, with those of source packages, read into lists of our own.
APT=$WORK/apt
mkdir -p "$APT/state/lists/partial" "$APT/cache/archives/partial" "$APT/parts"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $list in
        *.sources) sed -E 's/^Types:.*/Types: deb deb-src/' "$list" > "$APT/parts/$(basename "$list")" ;;
        *.list) [ -f "$list" ] && sed -nE 's/^deb(-src)? (.*)/deb \2\ndeb-src \2/p' "$list" > "$APT/parts/$(basename "$list")" ;;
    esac
done
cat > "$APT/conf" <<END
Dir::State "$APT/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$APT/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$APT/parts";
APT::Sandbox::User "root";
END
export APT_CONFIG=$APT/conf
apt-get -q update > "$WORK/log" 2>&1 || true  # a source that we do not need may be away
say "read what the distribution has"

cd "$WORK"
if [ ! -d go ]; then
    compiler=$(apt-cache depends golang-go | sed -nE 's/.*Depends: (golang-[0-9.]+-go).*/\1/p' | head -1)
    apt-get -q download "$compiler" "${compiler%-go}-src" >> "$WORK/log" 2>&1
    for package in golang-*.deb; do dpkg -x "$package" go.part; done
    mv go.part go
    rm -f golang-*.deb
fi
GOROOT=$(echo "$WORK"/go/usr/lib/go-*)
say "have a compiler"

SOURCE=$WORK/gopath/src/k8s.io/kubernetes
if [ ! -d "$SOURCE" ]; then
    apt-get -q source --download-only kubernetes >> "$WORK/log" 2>&1
    rm -rf unpacked
    dpkg-source -q --no-check -x kubernetes_*.dsc unpacked >> "$WORK/log" 2>&1
    mkdir -p "$(dirname "$SOURCE")"
    mv unpacked "$SOURCE"
    rm -f kubernetes_*
fi
say "have the source"

cd "$SOURCE"
VERSION=$(sed -nE '1s/.*\(([0-9.]+).*/\1/p' debian/changelog)
export GOROOT GO111MODULE=off GOPATH=$WORK/gopath GOCACHE=$WORK/gocache CGO_ENABLED=0 GOFLAGS= PATH=$GOROOT/bin:$PATH
STAMP=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    prefix="-X k8s.io/kubernetes/vendor/$package"
    major=${VERSION%%.*} rest=${VERSION#*.}
    STAMP="$STAMP $prefix.gitVersion=v$VERSION $prefix.gitMajor=$major $prefix.gitMinor=${rest%%.*} $prefix.gitTreeState=clean"
    STAMP="$STAMP $prefix.gitCommit=distribution $prefix.buildDate=1970-01-01T00:00:00Z"
done
if [ ! -s pkg/generated/openapi/zz_generated.openapi.go ]; then
    go build -o "$WORK/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
    described=$(grep -rl --include='*.go' '+k8s:openapi-gen=' pkg cmd plugin staging/src/k8s.io |
        grep -vE '^staging/src/k8s.io/(code-generator|sample-apiserver)/|_test.go' | sed 's#^staging/src/#vendor/#' |
        xargs -n1 dirname | LC_ALL=C sort -u | sed 's#^#k8s.io/kubernetes/#' | paste -sd,)
    "$WORK/openapi-gen" --logtostderr -i "$described" -p k8s.io/kubernetes/pkg/generated/openapi \
        -O zz_generated.openapi -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$WORK/violations"
fi
say "described the API"
for program in $PROGRAMS; do
    [ -x "$ASSETS/$program" ] && continue
    go build -ldflags "-s -w $STAMP" -o "$WORK/$program" "k8s.io/kubernetes/cmd/$program"
    mv "$WORK/$program" "$ASSETS/$program"
    say "built $program"
done
cp "$ETCD/etcd" "$ASSETS/etcd"
rm -rf "$WORK/gopath" "$WORK/gocache" "$WORK/go" "$APT"
say "$ASSETS is complete"
