// Which nodes of a syntax tree declare a name of ours, and which strings are names. Names that come from
// outside (imports, members that are read, shorthand properties) are not ours: their declaration is checked.

/** The part of a node that this rule reads; the parsers of JavaScript and of TypeScript give more. */
export interface SyntaxNode {
  readonly type: string
  readonly parent?: SyntaxNode
  readonly name?: unknown
  readonly value?: unknown
  readonly key?: SyntaxNode
  readonly callee?: SyntaxNode
  readonly object?: SyntaxNode
  readonly property?: SyntaxNode
  readonly id?: SyntaxNode | null
  readonly local?: SyntaxNode
  readonly imported?: SyntaxNode
  readonly exported?: SyntaxNode
  readonly label?: SyntaxNode
  readonly left?: SyntaxNode
  readonly right?: SyntaxNode
  readonly argument?: SyntaxNode
  readonly param?: SyntaxNode | null
  readonly source?: SyntaxNode | null
  readonly params?: readonly SyntaxNode[]
  readonly parameters?: readonly SyntaxNode[]
  readonly elements?: readonly (SyntaxNode | null)[]
  readonly shorthand?: boolean
  readonly computed?: boolean
}

/** Declarations whose name is their `id`. */
const NAMED_BY_ID = new Set([
  'VariableDeclarator',
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'TSDeclareFunction',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
  'TSEnumDeclaration',
  'TSEnumMember',
  'TSModuleDeclaration',
])
/** Members whose name is their `key`. */
const NAMED_BY_KEY = new Set([
  'MethodDefinition',
  'PropertyDefinition',
  'AccessorProperty',
  'TSAbstractMethodDefinition',
  'TSAbstractPropertyDefinition',
  'TSPropertySignature',
  'TSMethodSignature',
  'TSMappedType',
])
const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'TSDeclareFunction',
  'TSEmptyBodyFunctionExpression',
  'TSFunctionType',
  'TSConstructorType',
  'TSMethodSignature',
  'TSCallSignatureDeclaration',
  'TSConstructSignatureDeclaration',
  'TSIndexSignature',
])
/** Keys whose string value is the name of a message, an event or a state. */
const NAMING_KEYS = new Set(['kind', 'at', 'event', 'is', 'do', 'about', 'decision', 'reason', 'code', 'how'])
const TABLE_CALLS = new Set([
  'createTable',
  'alterTable',
  'addColumn',
  'renameColumn',
  'renameTo',
  'createIndex',
])

/** Returns whether an identifier stands where it declares a name of ours. */
export function declaresName(node: SyntaxNode): boolean {
  const { parent } = node
  if (parent === undefined) return false
  if (NAMED_BY_ID.has(parent.type) && parent.id === node) return true
  if (NAMED_BY_KEY.has(parent.type) && parent.key === node) return parent.computed !== true
  if (FUNCTIONS.has(parent.type))
    return [...(parent.params ?? []), ...(parent.parameters ?? [])].includes(node)
  switch (parent.type) {
    case 'Property':
      return declaresByProperty(node, parent)
    case 'AssignmentPattern':
      return parent.left === node && !isShorthandValue(parent) && isBinding(parent)
    case 'ArrayPattern':
    case 'RestElement':
      return isBinding(node)
    case 'TSParameterProperty':
    case 'CatchClause':
    case 'TSTypeParameter':
      return true
    case 'LabeledStatement':
    case 'TSNamedTupleMember':
      return parent.label === node
    case 'ImportSpecifier':
      return parent.local === node && parent.imported?.name !== node.name
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return true
    case 'ExportSpecifier':
      return parent.exported === node && parent.local?.name !== node.name
    default:
      return false
  }
}

function declaresByProperty(node: SyntaxNode, property: SyntaxNode): boolean {
  if (property.shorthand === true) return false
  const inPattern = property.parent?.type === 'ObjectPattern'
  if (property.key === node) return !inPattern && property.computed !== true
  return inPattern && isBinding(property)
}

/** A default in a shorthand pattern, `{ name = 1 }`: the name is that of the object's member. */
function isShorthandValue(pattern: SyntaxNode): boolean {
  return pattern.parent?.type === 'Property' && pattern.parent.shorthand === true
}

/** Returns whether a pattern binds new names (declaration, parameter, catch) instead of assigning to old ones. */
function isBinding(node: SyntaxNode): boolean {
  let at = node
  while (at.parent !== undefined && /Pattern$|^Property$|^RestElement$/.test(at.parent.type)) at = at.parent
  const owner = at.parent
  if (owner === undefined) return false
  return owner.type === 'VariableDeclarator'
    ? owner.id === at
    : owner.type === 'CatchClause' || FUNCTIONS.has(owner.type)
}

/** A single token: `lease-offer`, `held`, `lease.expired`. */
const TOKEN = /^[A-Za-z][A-Za-z0-9]*([-._:][A-Za-z0-9]+)*$/

/** Returns whether a string literal is a name of ours: a kind, a key, a column, a log event, a metric. */
export function isName(literal: SyntaxNode): boolean {
  const { parent, value } = literal
  if (parent === undefined || typeof value !== 'string' || !TOKEN.test(value)) return false
  if (/^(Import|Export)/.test(parent.type) || parent.type === 'JSXAttribute') return false
  if (/[-._]/.test(value)) return true
  return isKey(literal, parent) || isKind(literal, parent) || isColumn(parent)
}

function isKey(literal: SyntaxNode, parent: SyntaxNode): boolean {
  if (NAMED_BY_ID.has(parent.type)) return parent.id === literal
  return (parent.type === 'Property' || NAMED_BY_KEY.has(parent.type)) && parent.key === literal
}

function isKind(literal: SyntaxNode, parent: SyntaxNode): boolean {
  if (parent.type === 'TSLiteralType') return true
  if (parent.type === 'Property' && parent.value === literal) return NAMING_KEYS.has(String(parent.key?.name))
  const call = parent.type === 'ArrayExpression' ? parent.parent : parent
  return isCallOf(call, (name) => name === 'literal' || name === 'enum' || name === 'discriminatedUnion')
}

function isColumn(parent: SyntaxNode): boolean {
  return isCallOf(parent, (name) => TABLE_CALLS.has(name))
}

function isCallOf(call: SyntaxNode | undefined, accepts: (name: string) => boolean): boolean {
  return call?.type === 'CallExpression' && accepts(String(call.callee?.property?.name))
}

/** Returns the names of tables and columns in the text of an SQL statement. */
export function sqlNames(text: string): string[] {
  const names =
    /\b(?:create\s+table(?:\s+if\s+not\s+exists)?|add\s+column|rename\s+(?:column\s+\w+\s+)?to|create\s+(?:unique\s+)?index)\s+"?(\w+)/gi
  return [...text.matchAll(names)].map(([, name]) => name ?? '')
}
