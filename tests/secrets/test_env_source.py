import pytest

from tests.secrets.contracts import SourceContract
from wizard.domain.reference import EnvReference
from wizard.findings import codes


class TestSource(SourceContract):
    missing_code = codes.ENV_NOT_SET

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        self.variables: dict[str, str] = {}
        return self.variables

    def lay(self, content: str) -> EnvReference:
        self.variables["ACME_KEY"] = content
        return EnvReference("ACME_KEY")

    def missing(self) -> EnvReference:
        return EnvReference("ACME_KEY")
