"""What can go wrong: one base, a class per meaning. A class's docstring is its sentence, filled with the facts given.

A sentence names the item, the cause and, where there is one, the way out. `code` is what programs read; it never
changes once published. The doors translate in one table each (`cli/exits.py`, `api/statuses.py`).
"""

import re
from typing import Any, ClassVar


class ConcordError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        sentence = " ".join((type(self).__doc__ or "").split())
        return sentence.format_map({name: _shown(value) for name, value in self.facts.items()})

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:  # facts are keywords, which Exception's own pickling would lose
        return _revived, (type(self), self.facts)


def _revived(kind: type[ConcordError], facts: dict[str, Any]) -> ConcordError:
    return kind(**facts)


def printable(text: str) -> str:
    """Text from outside as one line that orders a terminal nothing: other signs are written as \\xNN."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


def _shown(value: Any) -> str:
    """A fact as one short printable line: items come from outside and may hold anything."""
    text = printable(str(value))
    return text if len(text) <= 300 else text[:297] + "..."


# ---- the question is wrong: nothing was done ----------------------------------------------------------------------


class Misuse(ConcordError):
    """The request cannot be understood."""


class MalformedDigest(Misuse):
    """{item}: not a digest. Give 32, 40 or 64 hexadecimal digits (MD5, SHA-1, SHA-256) or pdq: and 64 of them."""


class NeitherIdNorDigest(Misuse):
    """{item}: neither the id of a material nor a SHA-256. Give one of them, as an answer shows it."""


class MalformedRequest(Misuse):
    """The request cannot be read: {cause}."""


class WrongMethod(Misuse):
    """{method} is not known at this address. Known are: {known}."""


class UnknownAddress(Misuse):
    """{address}: there is nothing at this address. /api/openapi.json lists what there is."""


class UnknownCode(Misuse):
    """{value}: no such {what}. Known are: {known}."""


class NoPurpose(Misuse):
    """Nobody may ask or enter without a purpose: give --purpose CODE, or a profile with a default. Codes: {known}."""


class UnknownProfile(Misuse):
    """{name}: no such profile here. Known are: {known}. Make one: concord profile add"""


class FarProfile(Misuse):
    """{name}: a profile of the server {server}, which can only ask there. Choose a profile of this installation."""


class NotFarAway(Misuse):
    """{option} goes with files that are examined here. Leave it out with --server."""


class NoReason(Misuse):
    """This needs its words. Say in a few why, or what was done."""


class UnfitTime(Misuse):
    """until {time}: {cause}. Give a time that is still to come, with its time zone."""


class TooLong(Misuse):
    """{what}: {count} characters are too many; the limit is {limit}."""


class EmptyArgument(Misuse):
    """An argument is empty: a variable that is not set, perhaps. Name a file, a folder or a digest."""


class UnfitName(Misuse):
    """{what} {name}: {cause}. Give it in one line of readable signs."""


class UnfitProfileName(Misuse):
    """{name}: no name for a profile. Use 1 to 64 letters, digits, dots, dashes and underscores, the first no sign."""


class NothingToSet(Misuse):
    """Nothing to set was given. Give {options}."""


class NothingAsked(Misuse):
    """Nothing was asked. Paste a digest, or choose a file."""


class OutputAmongAsked(Misuse):
    """{path}: is or lies in {asked}, which is asked about, and nothing is ever written there. Give another place."""


class WorldTooSmall(Misuse):
    """{rooms} rooms with {views} views are too few for the story: it needs at least {least_rooms} with {least_views}."""


class TooManyDays(Misuse):
    """{days} days are too long: an intake is erased {limit} days after it was opened at the latest. Give fewer."""


class UnfitTerm(Misuse):
    """A certificate holds for 1 to {limit} days, not for {days}: then training is due again."""


class AmbiguousName(Misuse):
    """{what} {name}: several are called so. Say which: {known}"""


class NothingSelected(Misuse):
    """Nothing in intake {intake} is selected by {selection}. See what it holds: concord intake show {intake}"""


class NoPasskeysHere(Misuse):
    """Passkeys belong to a name, and {address} is not the one they are made for here. Open {origin}, or sign in another way."""


class TooManyTries(ConcordError):
    """Too many wrong tries. Come back in {seconds} seconds, or use a passkey."""


class TooManyRequests(TooManyTries):
    """Too many requests at once. Come back in {seconds} seconds; ask for many items in one request: ask/batch"""


class UnfitProposal(Misuse):
    """This cannot be proposed: {cause}."""


class UnfitList(Misuse):
    """{path}: no list of {what} that can be read ({cause}). Nothing was taken from it."""


class TooManyItems(Misuse):
    """{count} items in one call are too many: the limit is {limit}. Send them in parts."""


class TooManyUploads(Misuse):
    """{size_bytes} bytes more are too many: your unit has {held_bytes} of {limit_bytes} under way. Finish those, or wait."""


class TooLarge(Misuse):
    """{item}: larger than the {limit_bytes} bytes that one request may hold. Ask by digest, or use the command line."""


# ---- one item cannot be examined: the others go on ----------------------------------------------------------------


class ItemError(ConcordError):
    """{item}: cannot be examined."""


class NoSuchFile(ItemError):
    """{item}: no such file or folder."""


class UnreadableFile(ItemError):
    """{item}: cannot be read ({cause}). Check the permissions and the medium."""


class NotAFile(ItemError):
    """{item}: neither a file nor a folder but a {kind}; it is left alone."""


class EmptyFile(ItemError):
    """{item}: the file is empty. Check the copy against its source."""


class FolderLoop(ItemError):
    """{item}: this link leads back into a folder above it; it is not followed."""


class FolderRepeated(ItemError):
    """{item}: this link leads to a folder that another link led into already; it is not followed again."""


class FileChanged(ItemError):
    """{item}: the file changed while it was read. Enter it again from a copy that nobody writes to."""


class OtherContent(ItemError):
    """{item}: not the content any more that the intake saw there. Look at it again: concord intake open, as before."""


class NotInIntake(ItemError):
    """{item}: not in this intake."""


class NoMember(ItemError):
    """{item}: stands for what could not be read of this archive ({cause}). The archive itself has its own name: choose that."""


class UndecodableItem(ItemError):
    """{item}: cannot be decoded."""


class NotAPicture(UndecodableItem):
    """{item}: not a picture in a format known here ({cause}); it was compared by digest only."""


class DamagedPicture(UndecodableItem):
    """{item}: begins as {format} but cannot be decoded whole ({cause}); it was compared by digest only."""


class TooManyPixels(UndecodableItem):
    """{item}: {width} x {height} pixels are beyond the budget of {budget_pixels}; refused before unpacking."""


class TooManyBytes(UndecodableItem):
    """{item}: {size_bytes} bytes are beyond the {budget_bytes} of a picture; it was compared by digest only."""


class DecodingOverran(UndecodableItem):
    """{item}: decoding was stopped ({cause}); it was compared by digest only."""


class UnreadArchive(UndecodableItem):
    """{item}: {what} is not read here; it was compared by digest only. Unpack it elsewhere, and give the folder."""


class DamagedArchive(ItemError):
    """{item}: cannot be read on as a {format} archive ({cause}). What was read of it before is answered."""


class ArchiveLimit(ItemError):
    """{item}: the archive goes beyond {limit} ({most}) and is read no further; what was read before is answered."""


class DamagedMember(ItemError):
    """{item}: this member of an archive cannot be unpacked whole ({cause}). Look for another copy of the archive."""


class EncryptedMember(ItemError):
    """{item}: this member of an archive is encrypted. Unpack the archive with its password, and give the folder."""


class UnreadMember(ItemError):
    """{item}: this member of an archive is stored in a way that is not read here ({method}). Unpack it, and give the folder."""


class NotKept(ItemError):
    """{item}: its bytes could not be kept just now. Enter it again."""


class LeftAlone(ItemError):
    """{item}: this member of an archive is no file but a {kind}; it is left alone."""


# ---- rights -------------------------------------------------------------------------------------------------------


class NotAllowed(ConcordError):
    """Not allowed: {reason}."""


class NoActor(NotAllowed):
    """The database was asked on nobody's behalf. This is a fault of the program: report it."""


class AdministratorOnly(NotAllowed):
    """Perceptual values are shown only to the administrator of this installation, who can read the keys in {folder}."""


class RoleNeeded(NotAllowed):
    """{verb} is open to none of your roles ({held}). Ask a national administrator of {country}."""


class CertificateNeeded(NotAllowed):
    """Your certificate {fault}: only synthetic material is open to you, for the purpose TRAINING. Ask your trainer."""


class NotTakingPart(NotAllowed):
    """{country} takes part as {participation}, which leaves out {verb}. Ask a national administrator of {country}."""


class OutOfScope(NotAllowed):
    """This token opens {scopes}, not {verb}. Use another, or have one issued for it: concord token issue --scope {verb}"""


class BudgetSpent(NotAllowed):
    """{item}: {count} of {limit} in 24 hours are spent for {purpose}, and {more} more were wanted. {renews}. What your own unit
    holds is not counted. A supervisor of your unit may widen it, with a second person: concord supervise widen"""


class LastAdministrator(NotAllowed):
    """The last {role} of {country} stays: a country that nobody administers could let nobody in. Grant another first."""


class AdministratorThere(NotAllowed):
    """{country} has an administrator of its own already: whoever is to have a role gets it from them."""


class NeedsStepUp(NotAllowed):
    """Show first that it is you who is there: {reason}. Step up with a passkey, or with your country's provider."""


class ApprovalNeeded(NotAllowed):
    """{kind} needs a second person. Ask for it with a reason; once approved, do the very same again within {minutes} minutes."""


class ApprovalAwaited(NotAllowed):
    """{kind} needs a second person: request {approval} waits for one, for {minutes} minutes. Once approved, do the same again."""


class ExportChanged(NotAllowed):
    """Export {approval}: what it would hold is not what was approved any more ({cause}). Nothing was kept; ask for it again."""


class OtherCountrysProvider(NotAllowed):
    """{profile}: not a user of {country}, whose provider this is. A provider signs in its own country's users only."""


class PicturesNotTaken(NotAllowed):
    """This server takes no files with a question. Ask by digest; its administration may allow more."""


class NotSignedIn(NotAllowed):
    """Sign in first, or give a valid token: this one is unknown, expired or revoked."""


class StandingChanged(NotSignedIn):
    """Who you are here, or what you may do, has changed meanwhile. Sign in again."""


class SessionEnded(NotSignedIn):
    """Your session has ended. Sign in again."""


class CodeRefused(NotSignedIn):
    """This recovery code is unknown, used already or void. Each opens once: take the next, or ask for an invitation."""


class InvitationSpent(NotSignedIn):
    """This invitation is used, expired or none. Ask your administration for a new one."""


class PasskeyRefused(NotSignedIn):
    """This passkey opens nothing here: it is unknown, revoked, or its answer does not fit. Try again, or another way."""


class ProviderRefused(NotSignedIn):
    """Your country's provider did not sign you in here ({cause}). Begin again, or ask your administration."""


class ProfileOut(NotSignedIn):
    """This profile is unknown to the installation, or it or its user is disabled. Ask your administration."""


class UnknownRecord(ConcordError):
    """{what} {name}: no such record, or not one that you may use."""


class AlreadyThere(ConcordError):
    """{what} {name}: there is one already under this name."""


class PasskeyThere(AlreadyThere):
    """This device has a passkey for you already. Nothing was changed."""


class SubjectTaken(AlreadyThere):
    """{subject}: the provider's subject is linked already. Unlink it first: concord oidc unlink"""


class ProposalOver(AlreadyThere):
    """Proposal {proposal} waits for no word of yours: it is over, or your unit has answered. See: concord proposals"""


class AlreadySuspended(AlreadyThere):
    """{what} {name}: suspended already. See for how long and why: concord suspend list"""


class DecidedAlready(AlreadyThere):
    """Request {name}: decided already, or too old by now. See what is open: concord duty list"""


class ReviewedAlready(AlreadyThere):
    """Glass {name}: your side has given its finding already, which stays as it is."""


class ProfileTaken(AlreadyThere):
    """Profile {name}: there is one already under this name. Choose another, or give --replace to make it somebody else."""


class OtherContact(AlreadyThere):
    """Unit {unit} ({country}) has another {what} already: {stored}. Leave it out, or correct it: concord unit set"""


class OtherTerms(ItemError):
    """{item}: entered before in case {case} on other terms (category {category}, {audience}). Nothing was changed; enter it
    on those terms, or in another case."""


class DamagedCopy(ItemError):
    """{item}: its bytes are held already, but the stored copy is damaged ({cause})"""


class DamagedUpload(ItemError):
    """{item}: what came is not what was announced ({cause}). It was erased: send it again."""


class NeedsSha256(ItemError):
    """{item}: entering by digest needs a SHA-256, which is what a material is known by."""


# ---- it cannot run here -------------------------------------------------------------------------------------------


class CannotRun(ConcordError):
    """Concord cannot run here."""


class BadSetting(CannotRun):
    """{name}={value}: {cause}."""


class NotInitialised(CannotRun):
    """There is no installation at {home}. Make one: concord init --country CODE --unit NAME --user NAME"""


class AlreadyInitialised(CannotRun):
    """There is an installation at {home} already. Choose another CONCORD_HOME for a second one."""


class DamagedMark(CannotRun):
    """{path}: not whole ({cause}). Restore it from the backup, or write it anew as docs/operations.md says."""


class HomeUnusable(CannotRun):
    """{home} cannot be used as a home: {cause}. Run as the account that it belongs to, or choose another CONCORD_HOME."""


class HomeMoved(CannotRun):
    """{home} is a copy of {origin}, or was moved from there, and its database lies outside, in {data}: two homes must not
    share it. See docs/operations.md, Backup and restore; after a move, give "home" in {record} the new path."""


class DatabaseUnavailable(CannotRun):
    """The database cannot be reached: {cause}"""


class DatabaseLost(DatabaseUnavailable):
    """The database went away in the middle ({cause}). What was not acknowledged may or may not be done: look, repeat it."""


class DatabaseReplaced(DatabaseUnavailable):
    """The database is not the one that this process opened (restored, failed over, or another URL). Restart Concord."""


class ServerTooOld(CannotRun):
    """The database server is PostgreSQL {found}, and {needed} is the oldest that will do. Upgrade it."""


class StandbyServer(CannotRun):
    """The database server is a standby, which takes no changes and shows news late. Give the primary's address."""


class UnfitRole(CannotRun):
    """The database role {role} may not work as {wanted}: it {cause}. See docs/operations.md, the roles."""


class NotPrepared(CannotRun):
    """The database lacks what an administrator makes once ({what}). Run there: concord database-sql | psql -d postgres"""


class DatabaseTaken(CannotRun):
    """The database holds an installation already. Use that one's home, which has its keys, or an empty database."""


class SchemaBehind(CannotRun):
    """The database is older than this program: {missing} not applied. Bring it up to date: concord migrate"""


class SchemaAhead(CannotRun):
    """The database is newer than this program, which does not know {unknown}. Install the newer program here."""


class DamagedProfile(CannotRun):
    """{path}: not a profile ({cause}). Restore it from the backup, or make it anew: concord profile add NAME --replace"""


class AddressTaken(CannotRun):
    """Another program listens at {host}, port {port} already. Give another --port."""


class UnfitAddress(CannotRun):
    """{host}, port {port}: nothing can be served there ({cause}). Give another --host or --port."""


class OutputLost(CannotRun):
    """What is printed cannot be written ({cause}). What was done before that is done. Print elsewhere, and look."""


class UnwritableFile(CannotRun):
    """{path}: cannot be written ({cause}). Give another place, or make room there."""


class MissingPart(CannotRun):
    """{part} is missing: {cause}. {remedy}"""


class ProviderUnavailable(CannotRun):
    """The identity provider {issuer} cannot be used: {cause}. Try again, or sign in another way."""


class VaultUnavailable(CannotRun):
    """The vault cannot be reached or written to: {cause}"""


class ExposedKey(CannotRun):
    """{path}: others on this machine may read this key (mode {mode}). Find out who has; forbid it with chmod 600."""


class DamagedKey(CannotRun):
    """{path}: not a key of {wanted_bytes} bytes. Restore it from the backup."""


class WrongKey(CannotRun):
    """{path}: not the key that this installation was made with, as {witness} says. Restore it from the backup."""


class WorkerUnavailable(CannotRun):
    """No jailed worker can be started: {cause}"""


class DamagedObject(CannotRun):
    """Object {name} in the vault does not decrypt: {cause}. Restore it from the backup."""


class DamagedIndex(CannotRun):
    """The search index in {directory} is damaged: {cause}. The database has everything: concord index rebuild"""


class ForeignFeed(CannotRun):
    """The fingerprints were restored from another database and carry its transaction ids: concord index rebuild"""


class IndexBusy(CannotRun):
    """Another process is at work on the search index in {directory}. Try again when it has finished."""
