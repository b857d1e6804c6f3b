# Build for one platform, and push by digest: what has no tag yet is nobody's release.
set -euo pipefail
aws ecr get-login-password | docker login --username AWS --password-stdin "${IMAGE%%/*}"
# Docker's own driver writes no cache to a registry: https://github.com/aws/aws-codebuild-docker-images/issues/736
docker buildx create --name delivery --driver docker-container --driver-opt "image=$BUILDKIT" --use
metadata=$(mktemp)
options=(--platform "$PLATFORM" --file "$DOCKERFILE" --metadata-file "$metadata")
options+=(--output "type=image,name=$IMAGE,push=true,push-by-digest=true,name-canonical=true")
options+=(--provenance "$PROVENANCE" --sbom false)
if [[ -n $CACHE ]]; then
  # ECR takes a cache as an image: https://github.com/aws/containers-roadmap/issues/876
  options+=(--cache-from "type=registry,ref=$IMAGE:$CACHE")
  options+=(--cache-to "type=registry,ref=$IMAGE:$CACHE,mode=max,image-manifest=true,oci-mediatypes=true")
fi
docker buildx build "${options[@]}" -- "$CONTEXT"
DIGEST=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["containerimage.digest"])' \
  < "$metadata")
export DIGEST
