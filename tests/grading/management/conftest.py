from tests.grading.admin.conftest import office, run

__all__ = ["office", "run"]
