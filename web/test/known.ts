import { type DocumentInput, formatDocument, stringifyDocument } from '@urql/core';
import type { DocumentNode } from 'graphql';

const modules = import.meta.glob<Record<string, unknown>>('../src/**/documents.ts', { eager: true });

const isOperation = (value: unknown): value is DocumentNode =>
  (value as DocumentNode | undefined)?.kind === 'Document' &&
  (value as DocumentNode).definitions.some((definition) => definition.kind === 'OperationDefinition');

/** All that the page may ask, to the letter as urql sends it: the cache adds the names of types. */
export const sent = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter(isOperation)
  .map((document) => stringifyDocument(formatDocument(document as DocumentInput as never)));
