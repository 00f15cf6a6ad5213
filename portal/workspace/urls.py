from django.urls import path

from portal.workspace import (
    import_views,
    notice_views,
    prompt_views,
    sealed_views,
    search_views,
    settings_views,
    shelf_views,
    shell_views,
    views,
)

app_name = "workspace"

urlpatterns = [
    path("", views.home, name="home"),
    path("w/<uuid:workspace_id>/", views.workspace, name="workspace"),
    path("w/<uuid:workspace_id>/conversations/", views.more_conversations, name="conversations"),
    path("w/<uuid:workspace_id>/side/", views.side_list, name="side"),
    path("w/<uuid:workspace_id>/archived/", shelf_views.archived, name="archived"),
    path("w/<uuid:workspace_id>/deleted/", shelf_views.deleted, name="deleted"),
    path("search/", search_views.search_page, name="search"),
    path("prompts/", prompt_views.library, name="prompts"),
    path("settings/", settings_views.own_settings, name="settings"),
    path("manifest.webmanifest", shell_views.manifest, name="manifest"),
    path("service-worker.js", shell_views.service_worker, name="service_worker"),
    path("offline/", shell_views.offline, name="offline"),
    path("drawing/", shell_views.drawing, name="drawing"),
    path("notices/", notice_views.notice_list, name="notices"),
    path("notices/unseen/", notice_views.unseen, name="unseen"),
    path("imports/", import_views.import_page, name="imports"),
    path("imports/list/", import_views.import_list, name="import_list"),
    path("break-glass/<uuid:break_glass_id>/", sealed_views.unsealed_conversations, name="unsealed"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/older/", views.older_messages, name="older"),
    path("c/<uuid:conversation_id>/newer/", views.newer_messages, name="newer"),
]
