from django.urls import path

from actions.views import highlights, plan

app_name = "actions"
ACTION = "<slug:area>/plan/<int:number>/"
HIGHLIGHT = "<slug:area>/highlights/<int:highlight>/"
urlpatterns = [
    path("<slug:area>/plan/add/", plan.action_add, name="action-add"),
    path("<slug:area>/plan/hand-over/<int:person>/", plan.hand_over_all, name="action-hand-over"),
    path(f"{ACTION}change/", plan.action_change, name="action-change"),
    path(f"{ACTION}update/", plan.action_update, name="action-update"),
    path(f"{ACTION}complete/", plan.action_complete, name="action-complete"),
    path(f"{ACTION}reopen/", plan.action_reopen, name="action-reopen"),
    path(f"{ACTION}archive/", plan.action_archive, name="action-archive"),
    path(f"{ACTION}bring-back/", plan.action_bring_back, name="action-bring-back"),
    path(f"{ACTION}milestones/add/", plan.milestone_add, name="milestone-add"),
    path(f"{ACTION}milestones/tick/", plan.milestones_tick, name="milestones-tick"),
    path(f"{ACTION}milestones/<int:milestone>/", plan.milestone_change, name="milestone-change"),
    path(f"{ACTION}milestones/<int:milestone>/remove/", plan.milestone_remove, name="milestone-remove"),
    path("<slug:area>/highlights/", highlights.highlight_list, name="highlight-list"),
    path("<slug:area>/highlights/add/", highlights.highlight_add, name="highlight-add"),
    path(HIGHLIGHT, highlights.highlight_view, name="highlight-view"),
    path(f"{HIGHLIGHT}change/", highlights.highlight_edit, name="highlight-edit"),
    path(f"{HIGHLIGHT}archive/", highlights.highlight_archive, name="highlight-archive"),
    path(f"{HIGHLIGHT}bring-back/", highlights.highlight_bring_back, name="highlight-bring-back"),
    path(f"{HIGHLIGHT}picture", highlights.highlight_picture, name="highlight-picture"),
    path(f"{HIGHLIGHT}picture/change/", highlights.highlight_picture_edit, name="highlight-picture-edit"),
]
