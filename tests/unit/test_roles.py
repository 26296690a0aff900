"""What is said of each role."""

from boards.rules import WHAT_REGION_ROLES_DO, WHAT_ROLES_DO, RegionRole, Role


def test_each_role_that_someone_can_give_says_what_it_does():
    """The forms that give a role offer no other: no one gives the operator's."""
    assert set(WHAT_ROLES_DO) == set(Role) - {Role.OPERATOR}
    assert set(WHAT_REGION_ROLES_DO) == set(RegionRole)
