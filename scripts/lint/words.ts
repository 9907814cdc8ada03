import path from 'node:path'
import type { Rule } from 'eslint'
import { declaresName, isName, sqlNames, type SyntaxNode } from './declaredNames.ts'
import { readGlossary, refusedWord } from './glossary.ts'

const glossary = readGlossary()

/** Names that we declare, and the names of files and folders, use the words of `scripts/glossary.json`. */
export const words: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { refused: "'{{word}}' in {{what}} '{{name}}': use {{replacement}} (scripts/glossary.json)." },
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename).replaceAll('\\', '/')
    const check = (node: SyntaxNode, name: string, what: string): void => {
      const refused = refusedWord(glossary, name, file)
      if (refused !== undefined)
        context.report({ node: node, messageId: 'refused', data: { ...refused, name, what } })
    }
    const checkIdentifier = (node: SyntaxNode): void => {
      if (typeof node.name === 'string' && declaresName(node)) check(node, node.name, 'the name')
    }
    return {
      Program(program) {
        for (const part of file.split('/')) check(program as SyntaxNode, part, 'the file or folder')
      },
      Identifier: (node) => checkIdentifier(node as SyntaxNode),
      PrivateIdentifier: (node) => checkIdentifier(node as SyntaxNode),
      Literal(node) {
        const literal = node as SyntaxNode
        if (isName(literal)) check(literal, String(literal.value), 'the string')
        else if (typeof literal.value === 'string') checkSql(literal, literal.value)
      },
      TemplateElement(node) {
        checkSql(node as SyntaxNode, node.value.raw)
      },
    }
    function checkSql(node: SyntaxNode, text: string): void {
      for (const name of sqlNames(text)) check(node, name, 'the table or column')
    }
  },
}
