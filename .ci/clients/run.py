"""Every call of owui-client's users, groups and auths, and of owui-cli's users, groups and configuration, against a
standalone rosterd: each must work, or be refused as `REFUSED` says. A method that is not called here is an error.

    python run.py PROGRAM
"""

import asyncio
import inspect
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from httpx import HTTPStatusError
from owui_client.client import OpenWebUI
from owui_client.models.auths import (
    AddUserForm, LdapConfigForm, LdapForm, OAuthConfigForm, SigninForm, SignupForm, UpdatePasswordForm, UpdateTimezoneForm,
)
from owui_client.models import auths as auth_models
from owui_client.models.groups import GroupForm, GroupUpdateForm, UserIdsForm
from owui_client.models.users import (
    UpdateProfileForm, UserSettings, UserStatus, UserUpdateForm,
)
from pydantic import ValidationError

PASSWORD = "Correct-Horse-7"
# What needs a directory server or an OAuth provider is refused with this status.
REFUSED = {
    "auths.signin_ldap": 400,
    "auths.update_ldap_server": 409,
    "auths.update_oauth_config": 409,
    "auths.token_exchange": 403,
    "auths.delete_oauth_session": 404,
    "users.get_user_oauth_sessions_by_id": 400,
}
# The client wants the whole record here. Rule V1 shows the three fields of the status.
NARROWER = {"users.get_user_status"}


class Server:
    """A new server in a folder of its own."""

    def __init__(self, program, folder):
        self.log = folder / "log"
        environment = {
            "PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": "0", "ROSTERD_BCRYPT_COST": "4",
            "ENABLE_API_KEYS": "true",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen([program], cwd=folder, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while not (found := re.search(r"listening on (http://[0-9.:]+)", self.log.read_text())):
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)
        self.url = found.group(1)


class Calls:
    """Calls of one client's methods by name, which are counted."""

    def __init__(self):
        self.made = set()

    async def __call__(self, client, name, *arguments, **named):
        self.made.add(name)
        router, method = name.split(".")
        try:
            answer = await getattr(getattr(client, router), method)(*arguments, **named)
        except HTTPStatusError as error:
            assert REFUSED.get(name) == error.response.status_code, f"{name}: {error}\n{error.response.text}"
            return None
        except ValidationError as error:
            assert name in NARROWER, f"{name}: the client does not understand the answer: {error}"
            return None
        assert name not in REFUSED, f"{name} is answered, and should be refused"
        assert name not in NARROWER, f"{name} is understood: it need not be named here any more"
        return answer


def methods(client):
    """All public methods of the three routers."""
    for router in ("users", "groups", "auths"):
        for name, _ in inspect.getmembers(getattr(client, router), inspect.iscoroutinefunction):
            if not name.startswith("_"):
                yield f"{router}.{name}"


def fields_of(form, values):
    """The values for those of its fields that a form knows."""
    return form(**{key: value for key, value in values.items() if key in form.model_fields})


async def library(url):
    call = Calls()
    ada = OpenWebUI(api_url=f"{url}/api")
    await call(ada, "auths.signup", SignupForm(name="Ada", email="ada@example.com", password=PASSWORD))
    session = await call(ada, "auths.signin", SigninForm(email="ada@example.com", password=PASSWORD))
    assert session.role == "admin" and ada.api_key == session.token
    me = await call(ada, "auths.get_session_user")
    assert me.email == "ada@example.com"
    bob = await call(ada, "auths.add_user", AddUserForm(name="Bob", email="bob@example.com", password=PASSWORD, role="user"))
    eve = await call(ada, "auths.add_user", AddUserForm(name="Eve", email="eve@example.com", password=PASSWORD, role="user"))
    await call(ada, "auths.update_profile", UpdateProfileForm(name="Ada L.", profile_image_url="/user.png", bio="Counts."))
    await call(ada, "auths.update_timezone", UpdateTimezoneForm(timezone="Europe/London"))
    assert (await call(ada, "auths.get_admin_details")).email == "ada@example.com"
    config = await call(ada, "auths.get_admin_config")
    config.ENABLE_CALENDAR = not config.ENABLE_CALENDAR
    assert (await call(ada, "auths.update_admin_config", config)).ENABLE_CALENDAR == config.ENABLE_CALENDAR
    ldap = await call(ada, "auths.get_ldap_server")
    await call(ada, "auths.update_ldap_server", ldap)
    assert (await call(ada, "auths.get_ldap_config")).ENABLE_LDAP is False
    await call(ada, "auths.update_ldap_config", LdapConfigForm(enable_ldap=False))
    await call(ada, "auths.get_oauth_config")
    await call(ada, "auths.update_oauth_config", OAuthConfigForm())
    await call(ada, "auths.signin_ldap", LdapForm(user="ada", password="x"))
    exchange = getattr(auth_models, "TokenExchangeForm")
    await call(ada, "auths.token_exchange", "github", exchange(token="x"))
    await call(ada, "auths.delete_oauth_session", "github")

    key = await call(ada, "auths.generate_api_key")
    # A standalone database has a hash of the key alone, so it is shown whole once (rule K7).
    shown = (await call(ada, "auths.get_api_key")).api_key
    assert shown == key.api_key[:7] + "*" * (len(key.api_key) - 7), shown
    by_key = OpenWebUI(api_url=f"{url}/api", api_key=key.api_key)
    assert (await call(by_key, "users.get_all_users")).total == 3
    assert await call(ada, "auths.delete_api_key") is True

    listed = await call(ada, "users.get_users", query="bob", order_by="name", direction="asc", page=1)
    assert [user.email for user in listed.users] == ["bob@example.com"]
    assert (await call(ada, "users.search_users", "BOB")).total == 1
    template = await call(ada, "users.get_default_user_permissions")
    template.chat.delete = False
    assert (await call(ada, "users.update_default_user_permissions", template)).chat.delete is False
    assert (await call(ada, "users.get_default_user_permission_defaults")).chat.delete is True
    assert (await call(ada, "users.get_user_permissions"))["chat"]["delete"] is False
    await call(ada, "users.update_user_settings", UserSettings(ui={"theme": "dark"}))
    assert (await call(ada, "users.get_user_settings")).ui == {"theme": "dark"}
    await call(ada, "users.update_user_status", UserStatus(status_emoji="🌴", status_message="Away"))
    await call(ada, "users.get_user_status")
    await call(ada, "users.update_user_info", {"location": "here"})
    assert await call(ada, "users.get_user_info") == {"location": "here"}
    await call(ada, "users.update_user_variables", {"city": "Bern"})
    assert (await call(ada, "users.get_user_variables")).variables == {"city": "Bern"}
    assert len((await call(ada, "users.get_user_usage", days=7)).heatmap) == 7
    assert (await call(ada, "users.get_user_by_id", bob.id)).name == "Bob"
    await call(ada, "users.get_user_oauth_sessions_by_id", bob.id)
    assert (await call(ada, "users.get_user_profile_image_by_id", bob.id)).startswith(b"\x89PNG")
    assert (await call(ada, "users.get_user_active_status_by_id", me.id)) == {"active": True}
    form = fields_of(UserUpdateForm, {"role": "user", "name": "Robert", "email": "bob@example.com", "profile_image_url": "/user.png"})
    assert (await call(ada, "users.update_user_by_id", bob.id, form)).name == "Robert"

    team = await call(ada, "groups.create_new_group", GroupForm(name="Team", description="One"))
    await call(ada, "groups.add_user_to_group", team.id, UserIdsForm(user_ids=[bob.id, eve.id]))
    assert (await call(ada, "groups.remove_users_from_group", team.id, UserIdsForm(user_ids=[eve.id]))).member_count == 1
    assert [user.id for user in await call(ada, "groups.get_users_in_group", team.id)] == [bob.id]
    assert (await call(ada, "groups.export_group_by_id", team.id)).user_ids == [bob.id]
    assert (await call(ada, "groups.get_group_info_by_id", team.id)).member_count == 1
    assert (await call(ada, "groups.get_group_preview_by_id", team.id)).group.name == "Team"
    changed = GroupUpdateForm(name="Crew", description="Two", permissions={"features": {"api_keys": True}})
    assert (await call(ada, "groups.update_group_by_id", team.id, changed)).name == "Crew"
    assert (await call(ada, "groups.get_group_by_id", team.id)).permissions == {"features": {"api_keys": True}}
    assert [group.id for group in await call(ada, "groups.get_groups", share=True)] == [team.id]
    assert [group.id for group in await call(ada, "users.get_user_groups_by_id", bob.id)] == [team.id]
    assert [group.name for group in (await call(ada, "users.get_user_preview_by_id", bob.id)).groups] == ["Crew"]
    assert await call(ada, "users.get_user_groups") == []
    assert await call(ada, "groups.delete_group_by_id", team.id) is True
    assert await call(ada, "users.delete_user_by_id", eve.id) is True

    assert await call(ada, "auths.update_password", UpdatePasswordForm(password=PASSWORD, new_password="Battery-Staple-9")) is True
    # The new password has ended the session.
    ada.api_key = None
    await call(ada, "auths.signin", SigninForm(email="ada@example.com", password="Battery-Staple-9"))
    token = ada.api_key
    assert (await call(ada, "auths.sign_out", unset_client_api_key=False)).status is True
    forgotten = set(methods(ada)) - call.made
    assert not forgotten, f"not called: {sorted(forgotten)}"
    print(f"owui-client: {len(call.made)} calls, {len(REFUSED)} of them refused as they should be")
    return token


def command_line(url, folder):
    token = asyncio.run(signed_in(url))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "OWUI_URL": url, "OWUI_TOKEN": token}
    program = pathlib.Path(sys.executable).parent / "owui-cli"
    count = 0

    def run(*arguments):
        nonlocal count
        count += 1
        done = subprocess.run([program, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"owui-cli {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def file(content):
        (folder / "form.json").write_text(json.dumps(content))
        return "form.json"

    assert "ada@example.com" in run("users", "list")
    run("users", "add", "carl@example.com", "Carl")
    found = json.loads(run("--json", "users", "find", "carl"))
    carl = found[0]["id"]
    shown = run("users", "show", carl)
    assert "carl@example.com" in shown, f"users show has no e-mail address: {shown}"
    assert "Carl" in run("users", "show", "carl@example.com")
    form = {"role": "user", "name": "Charles", "email": "carl@example.com", "profile_image_url": "/user.png"}
    run("users", "update", carl, file(form))
    run("groups", "create", "Team", "One")
    group = json.loads(run("--json", "groups", "list"))[0]["id"]
    run("groups", "add-user", group, carl)
    assert "Charles" in run("groups", "members", group)
    run("groups", "remove-user", group, carl)
    run("groups", "update", group, file({"name": "Crew", "description": "Two"}))
    assert "Crew" in run("groups", "show", group)
    run("groups", "delete", group)
    run("users", "delete", carl)
    config = json.loads(run("--json", "configs", "admin"))
    run("configs", "admin-set", file(config))
    print(f"owui-cli: {count} calls")


async def signed_in(url):
    client = OpenWebUI(api_url=f"{url}/api")
    return (await client.auths.signin(SigninForm(email="ada@example.com", password="Battery-Staple-9"))).token


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="rosterd-clients-") as name:
        folder = pathlib.Path(name)
        server = Server(program, folder)
        try:
            asyncio.run(library(server.url))
            command_line(server.url, folder)
        finally:
            server.process.terminate()
            server.process.wait(60)


main()
