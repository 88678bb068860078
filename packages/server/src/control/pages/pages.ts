import { readSite, type Site } from '../site/site.ts';
import { ACCOUNT_PAGES } from './account-pages.ts';
import { formPage } from './form-page.ts';
import { homePage } from './home-page.ts';

/** Reads what our pages are made of. */
export function readPages(folder: string): Promise<Site> {
  const { confirm, forgotten, reset, invitation, setUp } = ACCOUNT_PAGES;
  return readSite({
    folder,
    pages: {
      home: homePage(),
      confirm: formPage(confirm),
      forgotten: formPage(forgotten),
      reset: formPage(reset),
      invitation: formPage(invitation),
      setUp: formPage(setUp),
    },
    files: {
      'page.css': new URL('page.css', import.meta.url),
      'page.js': new URL('page.js', import.meta.url),
    },
  });
}
