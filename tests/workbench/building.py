"""What the builder's own modules make of a predicate, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.language import nodes as n

if TYPE_CHECKING:
    from playwright.sync_api import Page

AGAIN = """async ([address, vocabulary, trees]) => {
  const { fromTree, toTree } = await import(address);
  for (const each of vocabulary.events) each.properties ??= [];
  return trees.map((tree) => toTree(fromTree(tree, vocabulary), "predicate", new Map()));
}"""
"""Each tree, read into fields and written again."""

KEPT = """async ([address, vocabulary, trees]) => {
  const { fromTree, toTree } = await import(address);
  for (const each of vocabulary.events) each.properties ??= [];
  return trees.map((tree) => {
    const places = new Map();
    toTree(fromTree(tree, vocabulary), "predicate", places);
    return [...places].filter(([, item]) => item.kind === "other").map(([place]) => place);
  });
}"""
"""The places of each tree that have no fields."""

ODD = """async ([address, vocabulary, trees]) => {
  const { fromTree } = await import(address);
  for (const each of vocabulary.events) each.properties ??= [];
  const odd = (item) => item.kind === "group" ? item.items.some(odd) : item.kind === "other";
  return trees.map((tree) => odd(fromTree(tree, vocabulary)));
}"""
"""Whether any of a tree has no fields."""


def tree(page: Page) -> str:
    """Where the page's own edition of the module is."""
    said = page.locator('script[src$="/builder.js"]').get_attribute("src")
    assert said is not None
    return said.replace("builder.js", "builder-tree.js")


def plain(node: Any) -> Any:
    """The same without groups of one, which a group of the builder does not tell from its part."""
    node = n.rebuild(node, plain)
    return node.parts[0] if isinstance(node, n.And | n.Or) and len(node.parts) == 1 else node
