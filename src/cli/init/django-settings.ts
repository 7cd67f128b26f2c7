/**
 * The settings module that a `manage.py` names, as `django-admin startproject` writes it; undefined: it names none, or works one
 * out. Nothing of it is executed.
 */
export function settingsIn(managePy: string): string | undefined {
  const code = managePy.replaceAll(/^\s*#.*$/gm, '')
  return /["']DJANGO_SETTINGS_MODULE["']\s*[,\]]\s*=?\s*["'](?<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)["']/.exec(
    code,
  )?.groups?.['module']
}

/** The package that has a project's settings, and beside them its `wsgi`: `config` of `config.settings.production`. */
export function packageOf(settings: string): string {
  const parts = settings.split('.')
  const at = parts.lastIndexOf('settings')
  return parts.slice(0, at > 0 ? at : Math.max(1, parts.length - 1)).join('.')
}
