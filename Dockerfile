# One image with the three binaries; the command says which one runs.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
# Apart from the code, so that an edit does not download the modules again.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The name of this release, since the build sees no git: --build-arg RELEASE=v1.2.3
ARG RELEASE
# production leaves out the Stripe simulator and all else that is for development.
RUN CGO_ENABLED=0 go build -tags production -trimpath -ldflags "-s -w -X github.com/golive-hq/golive/internal/app.release=${RELEASE}" -o /out/ ./cmd/...

# Certificates, time zones and a user; no shell, so health checks are a binary's.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/ /usr/local/bin/
USER 65532:65532
EXPOSE 8080 8081 9090
CMD ["api"]
