import type { FleetKind } from '../support/fleet.ts'
import { mayUseNamespaces } from '../support/requirements.ts'

/** In CI a test fails where it would be skipped elsewhere. */
export const WITH_NAMESPACES = process.env['CI'] !== undefined || (await mayUseNamespaces())

/** The kinds of fleet that can be proved here. */
export const KINDS: readonly FleetKind[] = WITH_NAMESPACES ? ['namespaces', 'loopback'] : ['loopback']
