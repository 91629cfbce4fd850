import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** Names that a file takes from modules at run time, by module; types leave no trace at run time and are tsc's business. */
export function importedNames(path: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const note = (module: string, name: string): void => {
    const names = found.get(module) ?? new Set();
    found.set(module, names.add(name));
  };
  for (const statement of parse(path).statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) {
      continue;
    }
    const clause = statement.importClause;
    const bindings = clause?.namedBindings;
    if (clause === undefined || clause.isTypeOnly || bindings === undefined || !ts.isNamedImports(bindings)) {
      continue;
    }
    for (const element of bindings.elements) {
      if (!element.isTypeOnly) {
        note(statement.moduleSpecifier.text, (element.propertyName ?? element.name).text);
      }
    }
  }
  return found;
}

/** Names that an ES module exports, those of its `export *` among them. */
export function exportedNames(path: string): Set<string> {
  const names = new Set<string>();
  for (const statement of parse(path).statements) {
    if (ts.isExportDeclaration(statement)) {
      const target = statement.moduleSpecifier;
      if (statement.exportClause === undefined) {
        if (target !== undefined && ts.isStringLiteral(target) && target.text.startsWith('.')) {
          exportedNames(resolveFile(join(dirname(path), target.text))).forEach((name) => names.add(name));
        }
      } else if (ts.isNamedExports(statement.exportClause)) {
        statement.exportClause.elements.forEach((element) => names.add(element.name.text));
      } else {
        names.add(statement.exportClause.name.text);
      }
    } else if (ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) {
      declaredNames(statement).forEach((name) => names.add(name));
    }
  }
  return names;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
  return named && statement.name ? [statement.name.text] : [];
}

function resolveFile(path: string): string {
  return [path, `${path}.mjs`, `${path}.js`, join(path, 'index.mjs'), join(path, 'index.js')].find((file) => existsSync(file) && /\.m?js$/.test(file)) ?? path;
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, false);
}
