import ts from 'typescript'
import { saysEffect } from './effectVerbs.ts'
import { isPortFile } from './scope.ts'

const LEAST_WORDS = 8

export interface ContractGap {
  readonly line: number
  readonly symbol: string
  readonly reason: string
}
export interface ContractCount {
  /** The number of symbols of the file that need a contract comment. */
  readonly symbols: number
  readonly gaps: readonly ContractGap[]
}
interface Contract {
  readonly name: string
  /** The declarations of the name: more than one where a function is overloaded. */
  readonly nodes: ts.Node[]
  isFunction: boolean
}

/**
 * Returns the exported symbols of a source text whose contract comment is missing, too short, or, on a
 * function, without a verb of effect. A type inferred from a schema is not counted: the schema has the comment.
 */
export function findGaps(file: string, text: string): ContractCount {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS) // prettier-ignore
  const contracts = contractsOf(source, isPortFile(file))
  const gaps = contracts.flatMap((contract): ContractGap[] => {
    const reason = gapOf(contract)
    const [node] = contract.nodes
    if (reason === undefined || node === undefined) return []
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
    return [{ line: line + 1, symbol: contract.name, reason }]
  })
  return { symbols: contracts.length, gaps }
}

function gapOf({ nodes, isFunction }: Contract): string | undefined {
  const comment = nodes.map(commentOf).find((text) => text !== undefined)
  if (comment === undefined) return 'has no contract comment'
  const words = comment.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word)).length
  if (words < LEAST_WORDS) return `has a comment of ${String(words)} words: at least ${String(LEAST_WORDS)}`
  return isFunction && !saysEffect(comment)
    ? 'says no effect: resolves, returns, rejects, throws, sends …'
    : undefined
}

/** The text of the comment directly above a declaration. */
function commentOf(node: ts.Node): string | undefined {
  const holder = ts.isVariableDeclaration(node) ? node.parent.parent : node
  const comment = ts
    .getJSDocCommentsAndTags(holder)
    .filter((doc) => ts.isJSDoc(doc))
    .at(-1)
  return comment?.getText().replace(/^\/\*\*|\*\/$/g, '').replace(/^\s*\*/gm, '') // prettier-ignore
}

function contractsOf(source: ts.SourceFile, isPort: boolean): Contract[] {
  const contracts = new Map<string, Contract>()
  const add = (name: string, node: ts.Node, isFunction: boolean): void => {
    const contract = contracts.get(name) ?? { name, nodes: [], isFunction }
    contract.nodes.push(node)
    contract.isFunction ||= isFunction
    contracts.set(name, contract)
  }
  const listed = exportedByList(source)
  for (const statement of source.statements) {
    const isExported = (name: string): boolean => isMarkedExported(statement) || listed.has(name)
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        const name = declaration.name.getText(source)
        if (isExported(name)) add(name, declaration, isFunctionValue(declaration.initializer))
      }
    } else if (isNamedDeclaration(statement)) {
      const name = statement.name?.text ?? 'default'
      if (!isExported(name) || isInferred(statement)) continue
      add(name, statement, ts.isFunctionDeclaration(statement) || isFunctionAlias(statement))
      if (isPort) for (const member of functionMembers(statement)) add(`${name}.${member.name.getText(source)}`, member, true) // prettier-ignore
    }
  }
  return [...contracts.values()]
}

type NamedDeclaration =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.EnumDeclaration

function isNamedDeclaration(node: ts.Statement): node is NamedDeclaration {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node)
  )
}

function isMarkedExported(node: ts.Statement): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) // prettier-ignore
}

/** Names exported by `export { … }` of the file's own declarations. */
function exportedByList(source: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) continue
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) continue
    for (const { name, propertyName } of statement.exportClause.elements)
      names.add((propertyName ?? name).text)
  }
  return names
}

function isFunctionValue(node: ts.Expression | undefined): boolean {
  return node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node))
}

function isFunctionAlias(node: NamedDeclaration): boolean {
  return ts.isTypeAliasDeclaration(node) && ts.isFunctionTypeNode(node.type)
}

/** `z.infer<typeof schema>` and its kin: written once, in the schema. */
function isInferred(node: NamedDeclaration): boolean {
  return ts.isTypeAliasDeclaration(node) && /^z\.(infer|input|output)</.test(node.type.getText())
}

function functionMembers(node: NamedDeclaration): (ts.MethodSignature | ts.PropertySignature)[] {
  const members = ts.isInterfaceDeclaration(node)
    ? node.members
    : ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type)
      ? node.type.members
      : []
  return [...members].filter(
    (member): member is ts.MethodSignature | ts.PropertySignature =>
      ts.isMethodSignature(member) ||
      (ts.isPropertySignature(member) && member.type !== undefined && ts.isFunctionTypeNode(member.type)),
  )
}
