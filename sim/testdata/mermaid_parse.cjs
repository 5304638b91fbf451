// Reads Mermaid texts, one a line as JSON strings, from standard input with Mermaid's
// own parser, and prints for each what the parser understood: the title, the actors
// and the messages. Its argument is the file mermaid.min.js of the npm package.
//
// Mermaid cleans texts with DOMPurify, which wants a document. It never looks at it
// for a text without "<", so a document that is only there will do.
const fs = require('fs'), vm = require('vm')
class Node {}
class Element extends Node {}
for (const name of ['cloneNode', 'remove']) Element.prototype[name] = () => null
for (const name of ['nextSibling', 'childNodes', 'parentNode']) {
  Object.defineProperty(Element.prototype, name, { get: () => null })
}
const nothing = () => null
Object.assign(globalThis, {
  Node, Element, NodeFilter: {}, addEventListener: nothing, window: globalThis,
  HTMLTemplateElement: class {}, HTMLFormElement: class {}, DOMParser: class {}, DocumentFragment: class {},
  document: {
    nodeType: 9, currentScript: null, implementation: { createHTMLDocument: nothing }, createNodeIterator: nothing,
    createDocumentFragment: nothing, getElementsByTagName: nothing, importNode: nothing, createElement: () => ({}),
    addEventListener: nothing,
  },
})
vm.runInThisContext(fs.readFileSync(process.argv[2], 'utf8'), 'mermaid')
async function read() {
  for (const line of fs.readFileSync(0, 'utf8').trim().split('\n')) {
    await mermaid.parse(JSON.parse(line)) // knows the kinds of diagrams from then on
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(JSON.parse(line))
    console.log(JSON.stringify({
      type: diagram.type,
      title: diagram.db.getDiagramTitle(),
      actors: [...diagram.db.getActors().values()].map(a => a.description),
      messages: diagram.db.getMessages().map(m => m.message),
    }))
  }
}
read().catch(e => { console.error(String(e)); process.exit(1) })
