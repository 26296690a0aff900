"""The documents of a group's year: their chapters with comments and figures, and the editions that were frozen."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models.duty import name_year
from boards.models import PartnershipArea
from core.models import StoredObject
from core.pages import link_to
from indicators.disclosure import Audience
from reporting.models.editions import PublicEdition
from reporting.models.packs import IS_WHOLE
from reporting.models.snapshots import Snapshot
from reporting.workflow import ChapterState, DocumentKind, DocumentSide

EARLIEST_YEAR, LATEST_YEAR = 2000, 2099


class Document(models.Model):
    """A document of a financial year, which people write chapter by chapter: the strategic needs assessment 2026–27.

    `year` is the year in which the financial year begins. `previous` is the one whose chapters this one began with.
    `revision` counts the changes of its chapters and their order. Someone asked to make it public, `public_asked_at`,
    until an information officer answers.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=12, choices=DocumentKind.choices())
    year = models.PositiveSmallIntegerField("first year")
    title = models.CharField(max_length=160)
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    revision = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    public_asked_at = models.DateTimeField(null=True)
    public_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-year", "kind")
        constraints = (
            models.UniqueConstraint(fields=("area", "kind", "year"), name="one_document_per_kind_and_year"),
            models.CheckConstraint(
                condition=Q(year__gte=EARLIEST_YEAR, year__lte=LATEST_YEAR), name="document_is_of_this_century"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="document_has_its_title"),
            models.CheckConstraint(
                condition=Q(public_asked_at__isnull=True, public_asked_by__isnull=True)
                | Q(public_asked_at__isnull=False, public_asked_by__isnull=False),
                name="public_document_asked_at_by",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.years}"

    @property
    def years(self) -> str:
        """ "2026–27"."""
        return name_year(self.year)

    def get_absolute_url(self) -> str:
        return link_to("reporting:document", self.area.slug, self.pk)


class DocumentChapter(models.Model):
    """A chapter: what it has to answer, who writes it, and its text as Markdown.

    `key` is the catalogue's, empty for a chapter of the area's own. `owner` is the account of whoever writes it, and
    `owner_title` their role, which stays when people change. `changes` says what changed since last year's document.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="chapters")
    key = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    asks = models.TextField("what it has to answer", blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="who writes it"
    )
    owner_title = models.CharField("role of who writes it", max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=ChapterState.choices(), default=ChapterState.ASKED.value)
    text = models.TextField(blank=True)
    changes = models.TextField("what changed since last year", blank=True)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("document", "position", "id")
        verbose_name = "chapter of a document"
        verbose_name_plural = "chapters of documents"
        constraints = (
            models.UniqueConstraint(fields=("document", "key"), condition=~Q(key=""), name="one_chapter_per_key"),
            models.CheckConstraint(condition=~Q(title=""), name="chapter_has_its_title"),
            models.CheckConstraint(
                # Last year's text stays below a chapter that is asked for.
                condition=Q(state=ChapterState.ASKED.value) | ~Q(text=""),
                name="chapter_has_its_text",
            ),
            models.CheckConstraint(
                condition=Q(changed_at__isnull=True, changed_by__isnull=True)
                | Q(changed_at__isnull=False, changed_by__isnull=False),
                name="chapter_changed_at_by",
            ),
            models.CheckConstraint(
                condition=Q(state=ChapterState.AGREED.value, agreed_at__isnull=False, agreed_by__isnull=False)
                | ~Q(state=ChapterState.AGREED.value) & Q(agreed_at__isnull=True, agreed_by__isnull=True),
                name="chapter_agreed_at_by",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def state_label(self) -> str:
        """ "Drafted". No one was asked as long as no account writes it."""
        if self.state == ChapterState.ASKED and self.owner_id is None:
            return "To be written"
        return ChapterState(self.state).label

    def get_absolute_url(self) -> str:
        return link_to("reporting:document-chapter", self.document.area.slug, self.document_id, self.pk)


class ChapterFigure(models.Model):
    """A figure in a chapter, frozen on the day on which someone took it, with its source.

    `choice` is what they chose. `blocks` are what partners see, as reporting.packs.presenters.shapes has blocks, and
    `public_blocks` what anyone may see: empty where that is nothing. `snapshot` and `edition` are the published
    version and the public edition that they are from, if they are from a month. To take it again is another row.
    """

    chapter = models.ForeignKey(DocumentChapter, models.CASCADE, related_name="figures")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    choice = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=400)
    blocks = models.JSONField()
    public_blocks = models.JSONField(null=True)
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    edition = models.ForeignKey(PublicEdition, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("chapter", "position", "id")
        verbose_name = "figure in a chapter"
        verbose_name_plural = "figures in chapters"
        constraints = (
            models.CheckConstraint(condition=~Q(title=""), name="chapter_figure_has_its_title"),
            models.CheckConstraint(condition=~Q(source=""), name="chapter_figure_has_its_source"),
        )

    def __str__(self) -> str:
        return self.title


class ChapterComment(models.Model):
    """What someone said about a chapter, and how it was settled: by whom, and with which answer."""

    chapter = models.ForeignKey(DocumentChapter, models.CASCADE, related_name="comments")
    text = models.TextField()
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answer = models.TextField("how it was settled", blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("chapter", "said_at", "id")
        verbose_name = "comment on a chapter"
        verbose_name_plural = "comments on chapters"
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, answer="")
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(answer=""),
                name="comment_settled_at_by_answer",
            ),
        )

    def __str__(self) -> str:
        return f"{self.said_by}, {self.chapter}"


class DocumentAgreement(models.Model):
    """Someone agreed to a document as it stands. The next change of it deletes the row."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="agreements")
    side = models.CharField(max_length=12, choices=DocumentSide.choices())
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField()

    class Meta:
        ordering = ("document", "agreed_at", "id")
        verbose_name = "agreement to a document"
        verbose_name_plural = "agreements to documents"
        constraints = (
            models.UniqueConstraint(fields=("document", "side"), name="one_agreement_per_side"),
            models.UniqueConstraint(fields=("document", "agreed_by"), name="document_is_agreed_by_two_people"),
        )

    def __str__(self) -> str:
        return f"{self.agreed_by}, {self.get_side_display()}"


class DocumentEdition(models.Model):
    """A document as it was frozen, for partners or for the public. The database refuses any change of it but its
    withdrawal and its removal.

    `content` is what it says, as reporting.packs.presenters.shapes.Pack has it. `pdf` is its file, and `sha256` the
    hash of it. A document's editions are numbered as they are frozen: "ANYTOWN-NEEDS-2026-1". `rests_on` has the keys
    of the public editions of months whose figures a public one has. A public one is approved by another person than
    who asked for it, and can be withdrawn. `removed_on` is the day on which `content` and `pdf` were emptied under the
    retention rule.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    audience = models.CharField(max_length=10, choices=Audience.choices())
    reference = models.CharField(max_length=100, unique=True)
    content = models.JSONField()
    rests_on = models.JSONField(default=list)
    pdf = models.ForeignKey(StoredObject, models.PROTECT, related_name="+", null=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_why = models.CharField("why it was withdrawn", max_length=500, blank=True)
    removed_on = models.DateField("removed under the retention rule on", null=True)

    class Meta:
        ordering = ("-issued_at", "-id")
        verbose_name = "edition of a document"
        verbose_name_plural = "editions of documents"
        constraints = (
            models.UniqueConstraint(fields=("document", "number"), name="one_document_edition_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="document_editions_count_from_one"),
            models.CheckConstraint(
                condition=Q(audience=Audience.PARTNERS.value, approved_by__isnull=True)
                | Q(audience=Audience.PUBLIC.value, approved_by__isnull=False) & ~Q(approved_by=F("issued_by")),
                name="public_document_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_why="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, audience=Audience.PUBLIC.value)
                & ~Q(withdrawn_why=""),
                name="public_document_withdrawn_at_by_why",
            ),
            models.CheckConstraint(condition=IS_WHOLE, name="document_edition_has_its_file"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("reporting:document-edition", args=[self.document.area.slug, self.reference])
