"""The addresses of a region's set-up. They are before those of an area, which start with its slug."""

from django.urls import path

from boards.views import regions

app_name = "region-setup"
urlpatterns = [
    path("", regions.region_list, name="list"),
    path("add/", regions.region_add, name="add"),
    path("<slug:region>/setup/", regions.region_setup, name="setup"),
    path("<slug:region>/setup/areas/add/", regions.place_add, name="place-add"),
    path("<slug:region>/setup/areas/<int:place>/remove/", regions.place_remove, name="place-remove"),
    path("<slug:region>/setup/people/add/", regions.person_add, name="person-add"),
    path("<slug:region>/setup/people/<int:held>/tell/", regions.person_tell, name="person-tell"),
    path("<slug:region>/setup/people/<int:held>/remove/", regions.person_remove, name="person-remove"),
]
