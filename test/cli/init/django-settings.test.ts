import { expect, test } from 'vitest'
import { packageOf, settingsIn } from '../../../src/cli/init/django-settings.ts'

test.each([
  ["os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')", 'shop.settings'],
  [
    'os.environ.setdefault(\n    "DJANGO_SETTINGS_MODULE",\n    "config.settings.local",\n)',
    'config.settings.local',
  ],
  ['os.environ["DJANGO_SETTINGS_MODULE"] = "settings"', 'settings'],
  ['# os.environ.setdefault("DJANGO_SETTINGS_MODULE", "old.settings")', undefined],
  ['os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_of(stage))', undefined],
  ['', undefined],
])('%j names %s', (text, module) => {
  expect(settingsIn(text)).toBe(module)
})

test.each([
  ['shop.settings', 'shop'],
  ['config.settings.production', 'config'],
  ['apps.settings.settings.base', 'apps.settings'],
  ['shop.conf', 'shop'],
  ['settings', 'settings'],
])('beside %s stands %s.wsgi', (settings, beside) => {
  expect(packageOf(settings)).toBe(beside)
})
