"""Every word that a vendor's own SDK has for a job means something to the catalogue's file."""

import json

import pytest
from environments import environment, run

from jobctl import registry
from jobctl.declared.load import spec_of

pytestmark = [pytest.mark.slow, pytest.mark.weekly]

SDKS = (
    "anthropic",
    "apify-client",
    "assemblyai",
    "cognite-sdk",
    "databricks-sdk",
    "google-api-python-client",
    "huggingface-hub",
    "mistralai",
    "mlflow-skinny",
    "oci",
    "openai",
    "together",
)
# the words by the name of the file, each from where the SDK has them
WORDS = """
import json, typing
from importlib.resources import files

import apify_client._literals
import huggingface_hub
import oci
from anthropic.types.messages import MessageBatch
from assemblyai.types import TranscriptStatus
from cognite.client.data_classes import TransformationJobStatus
from cognite.client.data_classes.contextualization import JobStatus
from cognite.client.data_classes.workflows import WorkflowStatus
from databricks.sdk.service import jobs
from mistralai.client.models import BatchJobStatus
from mlflow.entities import RunStatus
from openai.types import Batch
from openai.types.fine_tuning import FineTuningJob
from together.types import BatchJob

google = files("googleapiclient.discovery_cache") / "documents"


def said(told):
    if isinstance(told, str):
        return [told]
    if hasattr(told, "__members__"):
        return [one.value for one in told]
    return [word for one in typing.get_args(told) for word in said(one)]


def of(model, name):
    return said(model.model_fields[name].annotation)


def discovered(api, schema, name):
    document = json.loads((google / f"{api}.json").read_text())
    return document["schemas"][schema]["properties"][name]["enum"]


def oracle(model):
    return [getattr(model, name) for name in dir(model) if name.startswith("STATUS_")]


print(json.dumps({
    "anthropic-batch": of(MessageBatch, "processing_status"),
    "apify-run": said(apify_client._literals.ActorJobStatus),
    "assemblyai": said(TranscriptStatus),
    "cognite-diagram": said(JobStatus),
    "cognite-transformation": said(TransformationJobStatus),
    "cognite-workflow": said(WorkflowStatus),
    "databricks-run": [
        *said(jobs.RunLifeCycleState), *said(jobs.RunResultState),
        *said(jobs.RunLifecycleStateV2State), *said(jobs.TerminationTypeType),
    ],
    "google-cloud-build": discovered("cloudbuild.v1", "Build", "status"),
    "google-dataflow": discovered("dataflow.v1b3", "Job", "currentState"),
    "huggingface-job": said(huggingface_hub.JobStage),
    "mistral-batch": said(BatchJobStatus),
    "mlflow-run": list(RunStatus._STRING_TO_STATUS),
    "oci-work-request": [
        *oracle(oci.work_requests.models.WorkRequest),
        *oracle(oci.data_flow.models.WorkRequest),
        *oracle(oci.object_storage.models.WorkRequest),
        *oracle(oci.batch.models.WorkRequest),
    ],
    "openai-batch": of(Batch, "status"),
    "openai-fine-tuning": of(FineTuningJob, "status"),
    "together-batch": of(BatchJob, "status"),
    "vertex-ai-job": discovered(
        "aiplatform.v1", "GoogleCloudAiplatformV1CustomJob", "state"
    ),
}))
"""
# words that say nothing by their definition, or of which nobody tells whether they are an end
UNKNOWN = {
    "databricks-run": {"terminated"},
    "google-cloud-build": {"status_unknown"},
    "google-dataflow": {"job_state_unknown"},
    "oci-work-request": {"needs_attention"},
    "vertex-ai-job": {"job_state_unspecified"},
}


def test_every_word_of_an_sdk_has_a_state() -> None:
    told = json.loads(run(environment(*SDKS), "-c", WORDS))
    lacking = {}
    for name, words in told.items():
        assert len(words) > 2, name
        states = spec_of(registry.CATALOGUE / f"{name}.yaml").meaning.states
        lacking[name] = {word.casefold() for word in words if word} - states.keys()
    assert {name: words for name, words in lacking.items() if words} == UNKNOWN
