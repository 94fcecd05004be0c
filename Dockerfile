# The image of `supervisor run`: process 1 is an init, the user has no rights, nothing that builds is left.
#   docker build -t scrapewarden .
#   docker run --memory 1024m -e DATABASE_URL=postgresql://... -v ./scrapers:/scrapewarden:ro scrapewarden
# PYTHON names another base with Python 3.11 to 3.13 and glibc 2.34 or newer: a mirror's, or one pinned by its digest.
ARG PYTHON=python:3.12-slim

FROM ${PYTHON} AS build
# Where packages come from is pip's own affair; whoever has a mirror says so by --build-arg PIP_INDEX_URL=...
ARG PIP_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# hadolint ignore=DL3008 -- only one static program is taken from here
RUN apt-get update && apt-get install --yes --no-install-recommends tini
WORKDIR /src
COPY .ci/pins.py .ci/pins.py
COPY pyproject.toml constraints.txt ./
# Dependencies before the code, so that a change of code does not fetch them again. Wheels alone: no compiler is needed.
RUN python .ci/pins.py hatchling > build.txt && python .ci/pins.py project > project.txt \
    && python -m venv /build && /build/bin/pip install --require-hashes --only-binary :all: -r build.txt \
    && python -m venv --without-pip /opt/scrapewarden \
    && /build/bin/pip --python /opt/scrapewarden/bin/python install --require-hashes --only-binary :all: -r project.txt
COPY README.md LICENSE ./
COPY supervisor supervisor
COPY workers workers
COPY sql sql
RUN /build/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir /wheels . \
    && /build/bin/pip --python /opt/scrapewarden/bin/python install --no-deps --no-index /wheels/*.whl

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Scrapewarden" \
      org.opencontainers.image.description="Keeps many scrapers running on machines with little memory" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /usr/bin/tini-static /usr/local/bin/tini
COPY --from=build /opt/scrapewarden /opt/scrapewarden
# A fixed number, so that a mounted folder can be given to it; the embedded Postgres wants a user with a name.
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin scrapewarden \
    && install --directory --owner scrapewarden --group scrapewarden /scrapewarden
ENV PATH=/opt/scrapewarden/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 \
    SCRAPEWARDEN_SUPERVISOR_PULSE_FILE=/tmp/scrapewarden.pulse
USER 10001:10001
# config.toml, scrapers and the embedded database, if no other is named.
WORKDIR /scrapewarden
VOLUME /scrapewarden
EXPOSE 6090
# The loop touches its pulse at every turn, at least every supervisor.poll_s (60 s at most). A look at the file's time
# costs 5 ms and 3 MB; asking the database would cost a Python with a driver (30 MB), and blame the loop for
# a database that is away.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=2 \
    CMD find "$SCRAPEWARDEN_SUPERVISOR_PULSE_FILE" -newermt "75 seconds ago" | grep -q .
# tini reaps what loses its parent and hands SIGTERM to the supervisor alone, which tells its scrapes itself (so no -g).
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "supervisor"]
CMD ["run"]
