"""Imported first, as its name says: which system is this?"""
import os

from stagetools.utils import get_actual_system_from_name

SYSTEM = get_actual_system_from_name()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", SYSTEM.django_settings)
