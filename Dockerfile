# councilgate and nothing else. The mail server reaches the milter on port 8899; let
# nobody else reach it, since the protocol knows no authentication.
#
#   docker build -t councilgate --build-arg VERSION=0.9.0 .
#   docker run -p 127.0.0.1:8899:8899 -p 127.0.0.1:9810:9810 \
#     -v /etc/councilgate:/etc/councilgate:ro councilgate \
#     serve -policy /etc/councilgate/policy.yaml -milter inet:0.0.0.0:8899 -http inet:0.0.0.0:9810
#
# deploy/compose.yaml does so with less rights.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X councilgate/filter.release=$VERSION" -o /out/ ./cmd/councilgate ./deploy/healthcheck

FROM scratch
COPY --from=build /out/ /
USER 65534:65534
EXPOSE 8899 9810
HEALTHCHECK --interval=30s --timeout=6s --start-period=5s CMD ["/healthcheck", "http://127.0.0.1:9810/readyz"]
ENTRYPOINT ["/councilgate"]
CMD ["serve", "-milter", "inet:0.0.0.0:8899", "-http", "inet:0.0.0.0:9810"]
