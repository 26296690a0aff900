from django.urls import path

import core.converters  # noqa: F401  # registers <month:…>
from actions.views import engagement, highlights, leavers, milestones, sub_groups, voices

app_name = "actions"
ACTION = "<slug:area>/plan/<int:number>/"
SUB_GROUP = "<slug:area>/sub-groups/<slug:code>/"
HIGHLIGHT = "<slug:area>/highlights/<int:highlight>/"
ENGAGEMENT = "<slug:area>/engagement/"
SESSION, VOICE = f"{ENGAGEMENT}<int:session>/", f"{ENGAGEMENT}voices/<int:voice>/"
urlpatterns = [
    path("<slug:area>/plan/add/", actions.action_add, name="action-add"),
    path("<slug:area>/plan/hand-over/<int:person>/", leavers.hand_over_all, name="action-hand-over"),
    path(f"{ACTION}change/", actions.action_change, name="action-change"),
    path(f"{ACTION}update/", actions.action_update, name="action-update"),
    path(f"{ACTION}complete/", actions.action_complete, name="action-complete"),
    path(f"{ACTION}reopen/", actions.action_reopen, name="action-reopen"),
    path(f"{ACTION}archive/", actions.action_archive, name="action-archive"),
    path(f"{ACTION}bring-back/", actions.action_bring_back, name="action-bring-back"),
    path(f"{ACTION}milestones/add/", milestones.milestone_add, name="milestone-add"),
    path(f"{ACTION}milestones/tick/", milestones.milestones_tick, name="milestones-tick"),
    path(f"{ACTION}milestones/<int:milestone>/", milestones.milestone_change, name="milestone-change"),
    path(f"{ACTION}milestones/<int:milestone>/remove/", milestones.milestone_remove, name="milestone-remove"),
    path(f"{ACTION}milestones/<int:milestone>/undo/", milestones.milestone_undo, name="milestone-undo"),
    path("<slug:area>/highlights/", highlights.highlight_list, name="highlight-list"),
    path("<slug:area>/highlights/add/", highlights.highlight_add, name="highlight-add"),
    path(HIGHLIGHT, highlights.highlight_view, name="highlight-view"),
    path(f"{HIGHLIGHT}change/", highlights.highlight_edit, name="highlight-edit"),
    path(f"{HIGHLIGHT}archive/", highlights.highlight_archive, name="highlight-archive"),
    path(f"{HIGHLIGHT}bring-back/", highlights.highlight_bring_back, name="highlight-bring-back"),
    path(f"{HIGHLIGHT}picture", highlights.highlight_picture, name="highlight-picture"),
    path(f"{HIGHLIGHT}picture/change/", highlights.highlight_picture_edit, name="highlight-picture-edit"),
    path("<slug:area>/sub-groups/", sub_groups.sub_group_list, name="sub-group-list"),
    path("<slug:area>/sub-groups/add/", sub_groups.sub_group_add, name="sub-group-add"),
    path(SUB_GROUP, sub_groups.sub_group_view, name="sub-group-view"),
    path(f"{SUB_GROUP}change/", sub_groups.sub_group_change, name="sub-group-change"),
    path(f"{SUB_GROUP}retire/", sub_groups.sub_group_retire, name="sub-group-retire"),
    path(f"{SUB_GROUP}bring-back/", sub_groups.sub_group_bring_back, name="sub-group-bring-back"),
    path(ENGAGEMENT, engagement.session_list, name="session-list"),
    path(f"{ENGAGEMENT}add/", engagement.session_add, name="session-add"),
    path(f"{ENGAGEMENT}counts/", engagement.count_list, name="count-list"),
    path(f"{ENGAGEMENT}carry/<month:month>/<slug:agency>/", engagement.counts_carry, name="counts-carry"),
    path(f"{ENGAGEMENT}you-said/", voices.voice_list, name="voice-list"),
    path(SESSION, engagement.session_view, name="session-view"),
    path(f"{SESSION}change/", engagement.session_edit, name="session-edit"),
    path(f"{SESSION}archive/", engagement.session_archive, name="session-archive"),
    path(f"{SESSION}bring-back/", engagement.session_bring_back, name="session-bring-back"),
    path(f"{SESSION}voices/add/", voices.voice_add, name="voice-add"),
    path(f"{VOICE}change/", voices.voice_edit, name="voice-edit"),
    path(f"{VOICE}close/", voices.voice_close, name="voice-close"),
    path(f"{VOICE}reopen/", voices.voice_reopen, name="voice-reopen"),
]
