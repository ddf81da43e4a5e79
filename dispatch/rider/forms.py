"""The sign-up form: the API's rules for names and passwords, told field by field."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from fleet.access import services
from fleet.access.domain import Role
from fleet.access.models import User
from geofence.base.errors import Refusal

NAME = RegexValidator(r"^[\w.@+-]{3,60}$", "3 to 60 letters, digits and @.+-_")


class SignUpForm(forms.Form):
    username = forms.CharField(
        label="Name", max_length=60, validators=[NAME], widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        min_length=10,
        max_length=200,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    user: User | None = None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self._create(given)
        return given

    def _create(self, given: dict[str, Any]) -> None:
        try:
            self.user = services.account_create(role=Role.RIDER, **given)
        except Refusal as refusal:
            self.add_error(refusal.field or None, refusal.detail)
