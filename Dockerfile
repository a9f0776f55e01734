# The workshop in JupyterLab, for one learner:
#
#   docker build --tag recommender-workshop .
#   docker run --rm --publish 127.0.0.1:8888:8888 recommender-workshop
#
# It prints an address with a token; without that token nobody gets in. It needs a network to be built, none to run.
#
# The base is Python 3.12.13 on Debian trixie; the digest is that of the index, so it holds for Intel and ARM alike.
FROM python:3.12-slim@sha256:57cd7c3a7a273101a6485ba99423ee568157882804b1124b4dd04266317710de

# XGBoost needs GNU OpenMP; git and make are for learners who want to go on from here.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 make git \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 1000 learner
WORKDIR /home/learner/workshop

# The packages first: they change less often than the notebooks.
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir "$(grep '^uv==' requirements.lock)"
COPY pyproject.toml README.md LICENSE ./
COPY workshop ./workshop
COPY data ./data
RUN uv pip install --system --no-cache --compile-bytecode --constraint requirements.lock --editable '.[lab,cloud,cluster,word2vec]'

COPY --chown=learner:learner . .
# Whoever runs it with --user, whatever the numbers, has no home and no group here: this one can be written then, too.
RUN python -m compileall -q workshop && mkdir -p ../my-workshop && chown --recursive learner .. && chmod --recursive a+rwX ..

USER learner
ENV HOME=/home/learner \
    OMP_NUM_THREADS=1 \
    PYTHONUNBUFFERED=1
EXPOSE 8888
HEALTHCHECK --interval=30s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8888/api', timeout=5)"]
# All addresses inside the container; --publish decides who can reach them from outside.
CMD ["python", "-m", "workshop", "lab", "/home/learner/my-workshop", "--ServerApp.ip=0.0.0.0", "--no-browser"]
