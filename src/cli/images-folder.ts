import type { Opened, Workshop } from '../commands/workshop.ts'
import { openImageLibrary } from '../images/library.ts'
import { kindOf, recogniseImage } from '../kinds/kinds.ts'
import { hideHostSecrets } from '../kinds/settings.ts'
import { PACKAGE_TEMPLATES } from '../package.ts'
import { openTemplates } from '../render/templates.ts'
import type { Store } from '../store/store.ts'
import type { Folders } from './folders.ts'

type ImageFolders = Pick<Folders, 'images' | 'templates'>

/** Opens both folders as the server does. */
export function openFolders(folders: ImageFolders): Opened {
  const templates = openTemplates({
    operator: folders.templates,
    builtin: PACKAGE_TEMPLATES,
    images: folders.images,
    hide: hideHostSecrets,
    now: Date.now,
  })
  return { images: openImageLibrary(folders.images, recogniseImage), templates }
}

/** Opens both folders to make files of boots. @param base the address by which machines reach the server, when it is known */
export function openWorkshop(store: Store, folders: ImageFolders, base: string | undefined): Workshop {
  return { store, ...openFolders(folders), base, kindOf }
}
