"""moto's server with what these tests need beyond it.

ECR: images with an age, a last pull, a size and a scan's summary; pages of images and repositories; the refusal to
delete an image that a manifest list holds; the archive class, of which moto knows nothing. All of it as AWS documents
it, where moto is silent.
Basic scans that take a moment and find what a test says.
ECS: service revisions and deployments, those that a test names. App Runner: no services.
Beyond ECR: Inspector's coverage, findings and their counts, IAM's policy simulation, Security Hub's product
subscriptions, and mail subscriptions that wait for their confirmation.
Under /test: seeding without one call an image, faults by API action, and counts of calls.
"""

import copy
import gzip
import io
import json
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timezone

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.ecr import models, responses
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.sns import models as sns_models
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

LISTS = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def seed_image(account, repository, spec):
    image = models.Image(account, None, spec["manifest"], repository.name, spec["mediaType"], spec["digest"])
    image.image_tags = list(spec["tags"])
    image.image_tag = image.image_tags[-1] if image.image_tags else None
    image.image_pushed_at = int(moment(spec["pushedAt"]))
    image.seeded_size = spec["bytes"]
    image.image_manifest_media_type = spec["mediaType"]
    if spec.get("archivedAt"):
        image.image_status, image.last_archived_at = "ARCHIVED", moment(spec["archivedAt"])
    if spec.get("pulledAt"):
        image.last_recorded_pull_time = moment(spec["pulledAt"])
    if spec.get("scan"):
        scan = spec["scan"]
        image.image_scan_status = {"status": scan["status"]}
        if scan.get("completedAt"):
            image.image_scan_findings_summary = {
                "imageScanCompletedAt": moment(scan["completedAt"]),
                "vulnerabilitySourceUpdatedAt": moment(scan["completedAt"]),
                "findingSeverityCounts": scan.get("counts", {}),
            }
    repository.images.append(image)


own_size = models.Image.get_image_size_in_bytes
models.Image.get_image_size_in_bytes = lambda self: getattr(self, "seeded_size", None) or own_size(self)


def page(self, items, key):
    """A page of a list, as nextToken and maxResults ask for it; ECR's default page has 100."""
    start = int(self._get_param("nextToken") or 0)
    size = int(self._get_param("maxResults") or 100)
    answer = {key: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken"] = str(start + size)
    return answer


def describe_images(self):
    name, registry = self._get_param("repositoryName"), self._get_param("registryId")
    wanted = self._get_param("imageIds")
    images = list(self.ecr_backend.describe_images(name, registry, wanted))
    # API_DescribeImagesFilter: without a status, only active images.
    status = (self._get_param("filter") or {}).get("imageStatus", "ACTIVE")
    images = [one for one in images if status in ("ANY", status_of(one))]
    answer = {"imageDetails": images} if wanted else page(self, images, "imageDetails")
    details = []
    for image in answer["imageDetails"]:
        detail = copy.copy(image)
        detail.image_status = status_of(image)
        if not detail.image_tags:
            del detail.image_tags
        # What ECR reads from the manifest.
        manifest = json.loads(image.image_manifest)
        subject, config = manifest.get("subject"), manifest.get("config", {}).get("mediaType")
        if subject:
            detail.subject_manifest_digest = subject["digest"]
        if manifest.get("artifactType") or config:
            detail.artifact_media_type = manifest.get("artifactType") or config
        details.append(detail)
    answer["imageDetails"] = details
    return ActionResult(answer)


def status_of(image):
    return getattr(image, "image_status", "ACTIVE")


own_get = models.ECRBackend.batch_get_image


def batch_get_image(self, repository_name, registry_id=None, image_ids=None):
    """Archived images cannot be pulled: "Requests to pull the archived image will fail with a 404 error" (archive-image)."""
    answer = own_get(self, repository_name, registry_id, image_ids)
    archived = [image for image in answer["images"] if status_of(image) != "ACTIVE"]
    answer["images"] = [image for image in answer["images"] if image not in archived]
    answer["failures"] += [
        {
            "imageId": {"imageDigest": image.get_image_digest()},
            "failureCode": "ImageNotFound",
            "failureReason": "Requested image not found",
        }
        for image in archived
    ]
    return answer


def update_image_storage_class(self):
    """API_UpdateImageStorageClass. A restored image is ACTIVATING for up to 20 minutes; here until /test/activate."""
    name, one = self._get_param("repositoryName"), self._get_param("imageId")
    repository = self.ecr_backend._get_repository(name, self._get_param("registryId"))
    image = repository._get_image(one.get("imageTag"), one.get("imageDigest"))
    archive = self._get_param("targetStorageClass") == "ARCHIVE"
    if archive != (status_of(image) == "ACTIVE"):
        raise JsonRESTError("ImageStorageClassUpdateNotSupportedException", "The image has this storage class already.")
    if archive:
        image.image_status, image.last_archived_at = "ARCHIVED", time.time()
    else:
        image.image_status = "ACTIVATING"
    return ActionResult({"repositoryName": name, "imageId": one, "imageStatus": image.image_status})


def describe_repositories(self):
    names = self._get_param("repositoryNames")
    found = self.ecr_backend.describe_repositories(
        repository_names=names, registry_id=self._get_param("registryId")
    )
    return ActionResult({"repositories": found} if names else page(self, list(found), "repositories"))


own_token = responses.ECRResponse.get_authorization_token


def get_authorization_token(self):
    """A token of twelve hours; moto's has ended in 2015."""
    answer = own_token(self)
    for one in answer.result["authorizationData"]:
        one["expiresAt"] = time.time() + 12 * 3600
    return answer


def start_image_scan(self, registry_id, repository_name, image_id):
    image = self._get_repository(repository_name, registry_id)._get_image(
        image_id.get("imageTag"), image_id.get("imageDigest")
    )
    if getattr(image, "scan_started", False):
        raise models.LimitExceededException()
    image.scan_started = True
    image.scan_looks = 0
    return {
        "registryId": self.account_id,
        "repositoryName": repository_name,
        "imageId": image.image_id,
        "imageScanStatus": {"status": "IN_PROGRESS"},
    }


def describe_image_scan_findings(self, registry_id, repository_name, image_id):
    """What a test has said of the image; moto would answer one static finding for all."""
    repository = self._get_repository(repository_name, registry_id)
    image = repository._get_image(image_id.get("imageTag"), image_id.get("imageDigest"))
    answer = {"registryId": self.account_id, "repositoryName": repository_name, "imageId": image.image_id}
    if getattr(image, "scan_started", False) and image.scan_looks < 1:
        image.scan_looks += 1
        return {**answer, "imageScanStatus": {"status": "IN_PROGRESS"}}
    result = tests.scans.get((repository_name, image.get_image_digest()))
    if result is None and not getattr(image, "scan_started", False):
        if getattr(image, "image_scan_status", None) is None:
            raise models.ScanNotFoundException(
                image_id=image_id, repository_name=repository_name, registry_id=self.account_id
            )
    findings = result["findings"] if result else []
    seeded = getattr(image, "image_scan_status", None) or {"status": "COMPLETE"}
    return {
        **answer,
        "imageScanStatus": {"status": result["status"]} if result else seeded,
        "imageScanFindings": {
            "imageScanCompletedAt": time.time(),
            "vulnerabilitySourceUpdatedAt": time.time(),
            "findingSeverityCounts": dict(Counter(one["severity"] for one in findings)),
            "findings": findings,
        },
    }


own_delete = models.ECRBackend.batch_delete_image


def batch_delete_image(self, repository_name, registry_id=None, image_ids=None):
    if not image_ids or any("imageTag" in one or "imageDigest" not in one for one in image_ids):
        return own_delete(self, repository_name, registry_id, image_ids)
    repository = self._get_repository(repository_name, registry_id)
    with lock:
        by_digest = {image.get_image_digest(): image for image in repository.images}
        # A list that goes in the same request still holds its entries: the worst that ECR may make of it.
        holders = {}
        for digest, image in by_digest.items():
            if image.image_manifest_media_type in LISTS:
                for entry in json.loads(image.image_manifest).get("manifests", []):
                    holders.setdefault(entry["digest"], set()).add(digest)
        answer = {"imageIds": [], "failures": []}
        gone = set()
        for one in image_ids:
            digest = one["imageDigest"]
            image = by_digest.get(digest)
            if image is None:
                answer["failures"].append(
                    {
                        "imageId": one,
                        "failureCode": "ImageNotFound",
                        "failureReason": "Requested image not found",
                    }
                )
            elif holders.get(digest):
                answer["failures"].append(
                    {
                        "imageId": one,
                        "failureCode": "ImageReferencedByManifestList",
                        "failureReason": "Requested image referenced by manifest list: "
                        + ",".join(sorted(holders[digest])),
                    }
                )
            else:
                gone.add(digest)
                answer["imageIds"] += [{"imageDigest": digest, "imageTag": tag} for tag in image.image_tags] or [
                    {"imageDigest": digest}
                ]
        repository.images = [image for image in repository.images if image.get_image_digest() not in gone]
    return answer


own_registry_actions = models.ECRBackend._validate_registry_policy_action


def validate_registry_policy_action(self, policy_text):
    """A registry policy may also let accounts pull through a cache; moto knows the actions of replication only."""
    own_registry_actions(self, policy_text.replace("ecr:BatchImportUpstreamImage", "ecr:ReplicateImage"))


own_subscriptions = sns_models.SNSBackend.list_subscriptions_by_topic


def list_subscriptions_by_topic(self, *args, **kwargs):
    """A mail subscription waits for its confirmation; moto confirms each at once."""
    subscriptions, token = own_subscriptions(self, *args, **kwargs)
    shown = []
    for subscription in subscriptions:
        shown.append(copy.copy(subscription))
        if subscription.protocol == "email" and subscription.endpoint not in tests.confirmed:
            shown[-1].arn = "PendingConfirmation"
    return shown, token


lock = threading.Lock()
sns_models.SNSBackend.list_subscriptions_by_topic = list_subscriptions_by_topic
responses.ECRResponse.describe_images = describe_images
responses.ECRResponse.update_image_storage_class = update_image_storage_class
responses.ECRResponse.get_authorization_token = get_authorization_token
responses.ECRResponse.describe_repositories = describe_repositories
models.ECRBackend._validate_registry_policy_action = validate_registry_policy_action
models.ECRBackend.batch_delete_image = batch_delete_image
models.ECRBackend.batch_get_image = batch_get_image
models.ECRBackend.start_image_scan = start_image_scan
models.ECRBackend.describe_image_scan_findings = describe_image_scan_findings


class Tests:
    """What a test asks of the emulator, and what it counts."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.calls, self.faults, self.coverage, self.scans = Counter(), [], [], {}
        self.denied, self.confirmed, self.findings, self.aggregations = [], [], [], []
        self.products, self.revisions = None, []
        self.now, self.most = 0, 0

    def answer(self, request):
        body = request.get_json(silent=True) or {}
        what = request.path.removeprefix("/test/")
        if what == "seed":
            backend = models.ecr_backends[body["account"]][body["region"]]
            for spec in body["repositories"]:
                repository = backend.repositories.get(spec["name"])
                if repository is None:
                    repository = backend.create_repository(
                        spec["name"], body["account"], None, {"scanOnPush": False}, "IMMUTABLE", spec["tags"], None
                    )
                for image in spec["images"]:
                    seed_image(body["account"], repository, image)
            return {}
        if what == "images":
            backend = models.ecr_backends[body["account"]][body["region"]]
            return {
                name: [image.get_image_digest() for image in repository.images]
                for name, repository in backend.repositories.items()
            }
        if what == "remove":
            repository = models.ecr_backends[body["account"]][body["region"]].repositories[body["repository"]]
            repository.images = [one for one in repository.images if one.get_image_digest() != body["digest"]]
            return {}
        if what == "retag":
            backend = models.ecr_backends[body["account"]][body["region"]]
            for image in backend.repositories[body["repository"]].images:
                if image.get_image_digest() == body["digest"]:
                    image.update_tag(body["tag"])
            return {}
        if what == "activate":
            # What ECR does within 20 minutes after a restore.
            for repository in models.ecr_backends[body["account"]][body["region"]].repositories.values():
                for image in repository.images:
                    if status_of(image) == "ACTIVATING":
                        image.image_status, image.last_activated_at = "ACTIVE", time.time()
            return {}
        if what == "coverage":
            self.coverage = body["coveredResources"]
            return {}
        if what == "scans":
            self.scans = {(one["repository"], one["digest"]): one for one in body["results"]}
            return {}
        if what == "findings":
            self.findings = body["findings"]
            return {}
        if what == "aggregations":
            self.aggregations = [{"awsEcrContainerAggregation": one} for one in body["images"]]
            return {}
        if what == "confirmed":
            self.confirmed = body["endpoints"]
            return {}
        if what == "products":
            self.products = body["subscriptions"]
            return {}
        if what == "revisions":
            self.revisions = body["serviceRevisions"]
            return {}
        if what == "denied":
            self.denied = body["actions"]
            return {}
        if what == "fault":
            self.faults.append(body)
            return {}
        if what == "calls":
            return {"calls": dict(self.calls), "most": self.most}
        if what == "reset":
            self.reset()
            return {}
        raise KeyError(what)

    def fault(self, action):
        for fault in self.faults:
            if fault["action"] == action and fault["count"] > 0:
                if fault.get("after", 0) > 0:
                    fault["after"] -= 1
                    continue
                fault["count"] -= 1
                return fault
        return None


tests = Tests()


def action_of(request):
    target = request.headers.get("X-Amz-Target", "")
    if target.startswith("AppRunner."):
        return target
    if target:
        return target.split(".")[-1]
    if "application/x-www-form-urlencoded" in request.headers.get("Content-Type", ""):
        return request.form.get("Action", "")
    if "/operation/" in request.path:
        return request.path.split("/")[-1]
    return f"{request.method} {request.path}"


def findings_page(asked):
    """A page of Inspector's findings by the filter on repositories; moto knows no filter, and forgets what it has said."""
    wanted = [one["value"] for one in asked.get("filterCriteria", {}).get("ecrImageRepositoryName", [])]
    found = [
        finding
        for finding in tests.findings
        if not wanted
        or finding["resources"][0]["details"]["awsEcrContainerImage"]["repositoryName"] in wanted
    ]
    start, size = int(asked.get("nextToken") or 0), asked.get("maxResults") or 100
    more = {"nextToken": str(start + size)} if start + size < len(found) else {}
    return {"findings": found[start : start + size], **more}


def products_page():
    """ListEnabledProductsForImport, which moto does not have; None stands for an account without Security Hub."""
    if tests.products is None:
        text = json.dumps({"Message": "Account is not subscribed to AWS Security Hub", "Code": "InvalidAccessException"})
        return Response(
            text, status=401, mimetype="application/json", headers={"x-amzn-ErrorType": "InvalidAccessException"}
        )
    return Response(json.dumps({"ProductSubscriptions": tests.products}), mimetype="application/json")


def revisions_page(action, asked):
    """Service revisions, each deployed successfully; moto has neither."""
    if action == "ListServiceDeployments":
        return {
            "serviceDeployments": [
                {"status": "SUCCESSFUL", "targetServiceRevisionArn": one["serviceRevisionArn"]}
                for one in tests.revisions
                if one["serviceArn"] == asked["service"]
            ]
        }
    wanted = asked["serviceRevisionArns"]
    return {"serviceRevisions": [one for one in tests.revisions if one["serviceRevisionArn"] in wanted]}


def simulation(form):
    """IAM's answer for each action: allowed, but for what a test has denied. moto has no simulation."""
    actions = [value for key, value in form.items() if key.startswith("ActionNames.member.")]
    members = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>"
        f"<EvalDecision>{'implicitDeny' if action in tests.denied else 'allowed'}</EvalDecision></member>"
        for action in actions
    )
    return (
        '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>'
        f"<EvaluationResults>{members}</EvaluationResults><IsTruncated>false</IsTruncated>"
        "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )


class Application:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
            # moto would do it twice for the protocol that CloudWatch's client speaks.
            body = gzip.decompress(body)
            del environ["HTTP_CONTENT_ENCODING"]
            environ["CONTENT_LENGTH"] = str(len(body))

        def again():
            environ["wsgi.input"] = io.BytesIO(body)

        again()
        request = Request(environ)
        if request.path.startswith("/test/"):
            return Response(json.dumps(tests.answer(request)), mimetype="application/json")(environ, start)
        action = action_of(request)
        again()
        with lock:
            tests.calls[action] += 1
            tests.now += 1
            tests.most = max(tests.most, tests.now)
            fault = tests.fault(action)
        try:
            if fault is not None:
                if fault["kind"] == "slow":
                    time.sleep(fault["seconds"])
                elif fault["kind"] == "drop":
                    raise ConnectionResetError("dropped for a test")
                else:
                    if fault["kind"] == "lose":
                        list(self.inner(environ, lambda *_: None))
                        fault["name"] = "ServerException"
                    status, name = (400, "ThrottlingException") if fault["kind"] == "throttle" else (500 if fault["kind"] == "lose" else 400, fault["name"])
                    text = json.dumps({"__type": name, "message": "injected by a test"})
                    return Response(
                        text, status=status, mimetype="application/x-amz-json-1.1", headers={"x-amzn-ErrorType": name}
                    )(environ, start)
            if request.path == "/coverage/list":
                answer = Response(json.dumps({"coveredResources": tests.coverage}), mimetype="application/json")
                return answer(environ, start)
            if request.path == "/findings/aggregation/list":
                counted = {"aggregationType": "AWS_ECR_CONTAINER", "responses": tests.aggregations}
                return Response(json.dumps(counted), mimetype="application/json")(environ, start)
            if request.path == "/findings/list":
                answer = Response(json.dumps(findings_page(json.loads(body or b"{}"))), mimetype="application/json")
                return answer(environ, start)
            if action in ("ListServiceDeployments", "DescribeServiceRevisions"):
                return Response(json.dumps(revisions_page(action, json.loads(body))), mimetype="application/json")(
                    environ, start
                )
            if action == "AppRunner.ListServices":
                return Response(json.dumps({"ServiceSummaryList": []}), mimetype="application/json")(environ, start)
            if request.path == "/productSubscriptions":
                return products_page()(environ, start)
            if action == "SimulatePrincipalPolicy":
                return Response(simulation(request.form), mimetype="text/xml")(environ, start)
            return self.inner(environ, start)
        finally:
            with lock:
                tests.now -= 1


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *args):
        pass


server = make_server(
    "127.0.0.1", 0, Application(DomainDispatcherApplication(create_backend_app)), threaded=True, request_handler=Quiet
)
print(server.port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever()
