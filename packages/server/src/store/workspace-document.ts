import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** A way into the file, as its keys and list places. */
export type Path = readonly PropertyKey[];

/** A fault of the file, not yet tied to a line. */
export interface Fault {
  readonly path: Path;
  /** What is wrong, and the remedy. */
  readonly reason: string;
  /** True to point at the key in place of its value. */
  readonly atKey?: boolean;
}

/** A YAML file, read: its values, and the way back from a value to its line. */
export interface WorkspaceDocument {
  readonly value: unknown;
  /** Everything wrong with the YAML itself, and variables that are not set. */
  readonly complaints: readonly string[];
  /** A fault as a line to print: file, line and column (from 1), path, reason. */
  complaint(fault: Fault): string;
}

/** Parses YAML; `${NAME}` inside a string value becomes that variable of the environment. */
export function parseWorkspaceDocument(
  file: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): WorkspaceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const complaint = ({ path, reason, atKey = false }: Fault) =>
    [at(offsetOf(document.contents, path, atKey)), pathText(path), reason]
      .filter((part) => part !== '')
      .join(' ');

  const problems = document.errors.map((error) => `${at(error.pos[0])} is no YAML: ${error.message}`);
  if (problems.length > 0) return { value: undefined, complaints: problems, complaint };
  const complaints = fillIn(document.contents, environment).map(complaint);
  try {
    return { value: document.toJS(), complaints, complaint };
  } catch (error) {
    // Aliases that are not defined, or that would unfold into a file without end.
    const reason = error instanceof Error ? error.message : String(error);
    return { value: undefined, complaints: [`${at(0)} is no YAML: ${reason}`], complaint };
  }
}

/**
 * Puts variables in place of `${NAME}` in all text values (never in keys) and returns those that are not set.
 */
function fillIn(contents: Node | null, environment: Readonly<Record<string, string | undefined>>): Fault[] {
  const unset: Fault[] = [];
  visit(contents, {
    Scalar(place, scalar, ancestors) {
      if (place === 'key' || typeof scalar.value !== 'string') return;
      scalar.value = scalar.value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
        const value = environment[name];
        const reason = `variable ${name} is not set; set it, or write the value here`;
        if (value === undefined) unset.push({ path: pathOf([...ancestors, scalar]), reason });
        return value ?? '';
      });
    },
  });
  return unset;
}

/** The path that leads through these nodes, each of which holds the next. */
function pathOf(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, depth): PropertyKey[] => {
    if (isSeq(node)) return [node.items.indexOf(nodes[depth + 1])];
    return isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [];
  });
}

/** Where the node at a path begins; where the path leaves the file, the last node on the way. */
function offsetOf(contents: unknown, path: Path, atKey: boolean): number {
  let offset = 0;
  let node = contents;
  for (const [depth, segment] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === segment);
      if (pair === undefined) return offset;
      offset = startOf((isLast && atKey) || !startOf(pair.value) ? pair.key : pair.value) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof segment === 'number') {
      node = node.items[segment];
      offset = startOf(node) ?? offset;
    } else {
      // Also at an alias: what it stands for is complained of where the reader meets it.
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** A path as people write it: `organizations[0].sources[1].name`. */
function pathText(path: Path): string {
  const text = path
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${String(segment)}`))
    .join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}:`;
}
