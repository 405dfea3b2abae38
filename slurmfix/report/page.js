
"use strict";
(() => {
  const CONTEXT = 3;
  const MOST_PRINTED = 400;

  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);

  // The words of the page are English; data.words has those of another language.
  const say = (text, values) => (data.words[text] || text).replace(/\{(\w+)\}/g, (all, name) => values && name in values ? values[name] : all);
  const rules = new Intl.PluralRules(data.language);
  const many = (one, several, count, values) => say(rules.select(count) === "one" ? one : several, { count: count.toLocaleString(data.language), ...values });

  const colon = (what) => say("{what}: ", { what });

  const GRADES = {
    safe: [say("ready"), say("every change is safe")],
    review: [say("to look at"), say("a change wants a look")],
    manual: [say("left for you"), say("something is left for a person")],
    error: [say("with an error"), say("could not be handled")],
    clean: [say("nothing to do"), say("conda is not used")],
  };
  const SURENESS = { safe: say("safe"), review: say("look at it"), manual: say("left for you") };
  const KINDS = { module: say("a module"), dropped: say("not needed"), unknown: say("nothing known") };
  const WAYS = { installs: say("a virtualenv, built in the job"), prepared: say("a virtualenv; some packages are fetched once, on a login node"), empty: say("an empty virtualenv, since nobody knows its packages"), image: say("an Apptainer image"), modules: say("modules alone") };
  const KEYWORDS = new Set(("if then else elif fi for in do done while until case esac function select return exit "
    + "export local declare readonly source module set trap").split(" "));

  // What the browser remembers. A browser that refuses to still shows everything.
  const memory = {
    get(key) { try { return localStorage.getItem("slurmfix:" + key); } catch { return null; } },
    set(key, value) {
      try {
        if (value === null) localStorage.removeItem("slurmfix:" + key);
        else localStorage.setItem("slurmfix:" + key, value);
      } catch { /* a private window */ }
    },
  };

  // All text of scripts enters the page as text, never as markup.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }

  // What would move the cursor or turn the direction of a line is shown, not done.
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
  const plain = (text) => text.replace(HIDDEN, (letter) => {
    const code = letter.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });

  function linesOf(text) {
    const lines = text.split("\n");
    if (lines[lines.length - 1] === "") lines.pop();
    return lines.map((line) => plain(line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  // Shell, coloured: for each line its pieces as [class, text].
  function painted(lines) {
    const out = [];
    let quote = "";
    let ends = [];
    for (const line of lines) {
      const pieces = [];
      const push = (kind, text) => {
        const last = pieces[pieces.length - 1];
        if (last && last[0] === kind) last[1] += text;
        else if (text) pieces.push([kind, text]);
      };
      out.push(pieces);
      if (!quote && ends.length && ends[0].started) {
        const body = ends[0].tabs ? line.replace(/^\t+/, "") : line;
        push("q", line);
        if (body === ends[0].word) ends.shift();
        if (ends.length) ends[0].started = true;
        continue;
      }
      let at = 0;
      while (at < line.length) {
        const rest = line.slice(at);
        let match;
        if (quote === "'") {
          const end = line.indexOf("'", at);
          push("q", end < 0 ? rest : line.slice(at, end + 1));
          if (end >= 0) quote = "";
          at = end < 0 ? line.length : end + 1;
          continue;
        }
        if ((match = /^\\./.exec(rest))) { push(quote ? "q" : "", match[0]); at += 2; continue; }
        if ((match = /^\$(?:\{[^}]*\}|\w+|[@*#?$!-])/.exec(rest))) { push("v", match[0]); at += match[0].length; continue; }
        if (quote === '"') {
          match = /^[^"$\\]+|^./.exec(rest);
          push("q", match[0]);
          if (match[0] === '"') quote = "";
          at += match[0].length;
          continue;
        }
        const before = at ? line[at - 1] : " ";
        if (rest[0] === "#" && /[\s;&|(]/.test(before)) { push(at === 0 && rest.startsWith("#SBATCH") ? "d" : "c", rest); break; }
        if (rest[0] === "'" || rest[0] === '"') { quote = rest[0]; push("q", rest[0]); at += 1; continue; }
        if ((match = /^<<(-?)\s*(["'\\]?)([\w.-]+)\2/.exec(rest)) && !rest.startsWith("<<<")) {
          ends.push({ word: match[3], tabs: match[1] === "-", started: false });
          push("", match[0]); at += match[0].length; continue;
        }
        if ((match = /^--?[A-Za-z][\w-]*/.exec(rest)) && /\s/.test(before)) { push("o", match[0]); at += match[0].length; continue; }
        if ((match = /^[\w.\/+~-]+/.exec(rest))) {
          push(KEYWORDS.has(match[0]) && !/[\w=\/.-]/.test(before) ? "k" : "", match[0]);
          at += match[0].length; continue;
        }
        push("", rest[0]); at += 1;
      }
      if (!quote && ends.length) ends[0].started = true;
    }
    return out;
  }

  // Words that differ between two lines, as [start, end) in each.
  const wordsOf = (line) => line.match(/\w+|\s+|[^\w\s]/g) || [];

  function compared(old, fresh) {
    const a = wordsOf(old), b = wordsOf(fresh);
    const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        rows[i][j] = a[i] === b[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
      }
    }
    const left = [], right = [];
    let i = 0, j = 0, x = 0, y = 0, same = 0;
    const add = (list, start, end) => {
      const last = list[list.length - 1];
      if (last && last[1] === start) last[1] = end; else list.push([start, end]);
    };
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) {
        if (a[i].trim()) same += a[i].length;
        x += a[i++].length; y += b[j++].length;
      } else if (j >= b.length || (i < a.length && rows[i + 1][j] >= rows[i][j + 1])) {
        add(left, x, x + a[i].length); x += a[i++].length;
      } else {
        add(right, y, y + b[j].length); y += b[j++].length;
      }
    }
    // Of a line that only grew, what counts is how much of the shorter one is still there.
    const sizes = [old, fresh].map((line) => Math.max(line.replace(/\s/g, "").length, 1)).sort((x, y) => x - y);
    return { alike: Math.max(same / sizes[1], same / sizes[0] - 0.3), left, right };
  }

  function paired(old, fresh) {
    const pairs = new Map();
    if (old.length * fresh.length > 900) return pairs;
    let from = 0;
    old.forEach((line, i) => {
      let best = null;
      for (let j = from; j < fresh.length; j++) {
        if (line.length + fresh[j].length > 800) continue;
        const found = compared(line, fresh[j]);
        if (found.alike > 0.5 && (!best || found.alike > best.alike)) best = { ...found, j };
      }
      if (best) { pairs.set(i, best); from = best.j + 1; }
    });
    return pairs;
  }

  function codeCell(kind, pieces, marks) {
    const cell = make("td", { class: `t ${kind}` });
    let at = 0;
    for (const [name, text] of pieces) {
      let start = 0;
      const cuts = new Set([0, text.length]);
      for (const [a, b] of marks || []) for (const cut of [a - at, b - at]) if (cut > 0 && cut < text.length) cuts.add(cut);
      for (const cut of [...cuts].sort((x, y) => x - y).slice(1)) {
        const piece = text.slice(start, cut);
        let node = name ? make("span", { class: name }, piece) : document.createTextNode(piece);
        if ((marks || []).some(([a, b]) => a <= at + start && at + cut <= b)) node = make("mark", null, node);
        cell.append(node);
        start = cut;
      }
      at += text.length;
    }
    return cell;
  }

  // A script's change as rows: [sign, old number, new number, pieces, marks, partner].
  function changeOf(script) {
    const before = linesOf(script.before);
    const after = [];
    const regions = [];
    let at = 0;
    for (const [start, stop, text] of script.regions) {
      after.push(...before.slice(at, start));
      const fresh = linesOf(text);
      regions.push({ start, stop, from: after.length, to: after.length + fresh.length });
      after.push(...fresh);
      at = stop;
    }
    after.push(...before.slice(at));
    return { before, after, regions, old: painted(before), fresh: painted(after) };
  }

  function hunksOf(change, context) {
    const groups = [];
    for (const region of change.regions) {
      const last = groups[groups.length - 1];
      if (last && region.start - last[last.length - 1].stop <= 2 * context) last.push(region);
      else groups.push([region]);
    }
    return groups.map((group) => {
      const start = Math.max(group[0].start - context, 0);
      const stop = Math.min(group[group.length - 1].stop + context, change.before.length);
      const rows = [];
      let at = start, shift = group[0].from - group[0].start;
      const same = (to) => { for (; at < to; at++) rows.push({ sign: " ", old: at, fresh: at + shift }); };
      for (const region of group) {
        same(region.start);
        const pairs = paired(change.before.slice(region.start, region.stop), change.after.slice(region.from, region.to));
        const old = [], fresh = [];
        for (let i = region.start; i < region.stop; i++) old.push({ sign: "-", old: i, marks: pairs.get(i - region.start)?.left });
        for (let j = region.from; j < region.to; j++) fresh.push({ sign: "+", fresh: j });
        for (const [i, pair] of pairs) { fresh[pair.j].marks = pair.right; old[i].partner = fresh[pair.j]; fresh[pair.j].partner = old[i]; }
        rows.push(...old, ...fresh);
        at = region.stop; shift = region.to - region.stop;
      }
      same(stop);
      return { start, stop, rows };
    });
  }

  const SIGNS = { " ": ["", " "], "-": ["del", "\u2212"], "+": ["add", "+"] };

  function unified(change, hunk) {
    return make("table", null, make("tbody", null, hunk.rows.map((row) => {
      const [kind, sign] = SIGNS[row.sign];
      const pieces = row.sign === "-" ? change.old[row.old] : change.fresh[row.fresh];
      return make("tr", null,
        make("td", { class: `n ${kind}` }, row.old === undefined ? "" : String(row.old + 1)),
        make("td", { class: `n ${kind}` }, row.fresh === undefined ? "" : String(row.fresh + 1)),
        make("td", { class: `s ${kind}` }, sign),
        codeCell(kind, pieces, row.marks));
    })));
  }

  function split(change, hunk) {
    const lines = [];
    let waiting = [];
    const flush = () => { lines.push(...waiting); waiting = []; };
    for (const row of hunk.rows) {
      if (row.sign === " ") { flush(); lines.push([row, row]); }
      else if (row.sign === "-") { if (waiting.some(([old]) => !old)) flush(); waiting.push([row, null]); }
      else {
        const own = row.partner ? waiting.findIndex(([old]) => old === row.partner) : waiting.findIndex(([old, fresh]) => !fresh && !old?.partner);
        if (own >= 0 && !waiting.slice(own + 1).some(([, fresh]) => fresh)) waiting[own][1] = row;
        else waiting.push([null, row]);
      }
    }
    flush();
    const side = (row, name, sign, pieces, number, right) => {
      if (!row) return [make("td", { class: `n none ${right}` }), make("td", { class: "s none" }), make("td", { class: "t none" })];
      const kind = row.sign === " " ? "" : name;
      return [make("td", { class: `n ${kind} ${right}` }, String(number + 1)), make("td", { class: `s ${kind}` }, kind ? sign : " "), codeCell(kind, pieces, row.marks)];
    };
    return make("table", null,
      make("colgroup", null, ["n", "s", "", "n", "s", ""].map((name) => make("col", { class: name }))),
      make("tbody", null, lines.map(([old, fresh]) => make("tr", null,
        side(old, "del", "\u2212", old && change.old[old.old], old && old.old, ""),
        side(fresh, "add", "+", fresh && change.fresh[fresh.fresh], fresh && fresh.fresh, "right")))));
  }

  function codeBox(table, label, view) {
    return make("div", { class: `code ${view}`, tabindex: "0", role: "region", "aria-label": label }, table);
  }

  function listing(text, from, to, point) {
    const lines = linesOf(text);
    const colours = painted(lines);
    const rows = [];
    for (let at = Math.max(from, 0); at < Math.min(to, lines.length); at++) {
      const kind = point && at >= point[0] && at < point[1] ? "point" : "";
      rows.push(make("tr", null, make("td", { class: `n ${kind}` }, String(at + 1)), codeCell(kind, colours[at])));
    }
    return make("table", null, make("tbody", null, rows));
  }

  // `words` in backticks are code.
  function prose(text) {
    return plain(text).split(/(`[^`]+`)/).map((part) => part.length > 2 && part.startsWith("`") ? make("code", null, part.slice(1, -1)) : part);
  }

  function manual(name) {
    const page = data.pages[name];
    if (!page) return null;
    const body = make("div", { class: "page" });
    for (const part of page.text.split("\n\n").slice(1)) {
      const lines = part.split("\n");
      if (!/^\s/.test(lines[0])) body.append(make("h4", null, lines.shift()));
      if (lines.length) body.append(make("p", null, prose(lines.map((line) => line.trim()).join(" "))));
    }
    return make("details", { class: "manual" }, make("summary", null, say("What the rule {name} says", { name })), body);
  }

  function reasons(findings) {
    return make("ul", { class: "whys" }, findings.map((finding) => make("li", null,
      make("span", { class: `grade ${finding.grade}` }, SURENESS[finding.grade]),
      make("div", { class: "text" },
        make("p", null, colon(say("Line {line}", { line: finding.line })), prose(finding.says), "."),
        make("p", { class: "why" }, prose(finding.why.charAt(0).toUpperCase() + finding.why.slice(1)), finding.why.endsWith(".") ? "" : "."),
        manual(finding.rule)))));
  }

  function command(text) {
    const code = make("code", null, plain(text));
    const button = make("button", { type: "button", onclick: async () => {
      try { await navigator.clipboard.writeText(text); button.textContent = say("Copied"); }
      catch { getSelection().selectAllChildren(code); button.textContent = say("Selected"); }
      setTimeout(() => { button.textContent = say("Copy"); }, 1500);
    }, "aria-label": `${say("Copy")}: ${text}` }, say("Copy"));
    return make("div", { class: "command" }, code, button);
  }

  function environment(found) {
    const strategy = { virtualenv: say("a virtualenv, built in the job"), modules: say("modules alone"), apptainer: say("an Apptainer image") }[found.strategy];
    const box = make("div", { class: "sheet environment" },
      make("p", null, `Python ${found.python}, ${strategy || found.strategy}. `,
        make("span", { class: "why" }, prose(found.reason))),
      found.source ? make("p", { class: "why" }, found.guess ? say("Guessed from") : say("Read from"), " ", make("code", null, plain(found.source)), ".") : null,
      found.refused ? make("p", { class: "why" }, prose(found.refused)) : null);
    if (found.modules.length) box.append(make("h4", null, say("Modules")), command(`module load ${found.modules.join(" ")}`));
    if (found.build.length) box.append(make("h4", null, say("Once, on a login node, line by line")), ...found.build.map(command));
    const two = make("div", { class: "two" });
    if (found.requirements.length) {
      two.append(make("div", null, make("h4", null, many("{count} requirement", "{count} requirements", found.requirements.length)),
        make("ul", { class: "requirements" }, found.requirements.map((line) => make("li", null, plain(line))))));
    }
    if (found.left.length) {
      two.append(make("div", null, make("h4", null, say("Not in the requirements")), make("table", { class: "left" },
        make("thead", null, make("tr", null, make("th", { scope: "col" }, say("Package")), make("th", { scope: "col" }, say("Served by")), make("th", { scope: "col" }, say("Why")))),
        make("tbody", null, [...found.left].sort((a, b) => (b.kind === "unknown") - (a.kind === "unknown")).map((left) => make("tr", null,
          make("td", null, plain(left.name)), make("td", { class: `kind ${left.kind}` }, KINDS[left.kind] || left.kind),
          make("td", null, prose(left.why))))))));
    }
    box.append(two);
    return [make("h3", null, say("Environment"), " ", make("span", null, plain(found.name))), box];
  }

  function aboutOf(script) {
    const done = { fixed: say("Changed"), fixable: say("Changes"), manual: say("Stays as it is"), clean: say("Nothing to do"), error: say("Not handled") }[script.status];
    const count = script.findings.filter((finding) => finding.changes.length).length;
    const left = script.findings.length - count;
    const parts = [count ? many("{done} in {count} place", "{done} in {count} places", count, { done }) : done];
    if (script.files.length) parts.push(say("brings {files}", { files: script.files.map((at) => plain(data.files[at].path)).join(", ") }));
    if (left) parts.push(many("{count} line left for you", "{count} lines left for you", left));
    return parts.join(say("; ")) + ".";
  }

  function article(script, view, whole) {
    const cut = script.path.lastIndexOf("/") + 1;
    const tick = make("input", { type: "checkbox", id: "seen", onchange: () => setSeen(script, tick.checked) });
    tick.checked = isSeen(script);
    const page = make("article", { "aria-labelledby": "title" },
      make("div", { class: "head" },
        make("div", null,
          make("h2", { id: "title" }, make("span", { class: "dir" }, plain(script.path.slice(0, cut))), plain(script.path.slice(cut))),
          make("p", { class: "about" }, make("span", { class: `grade ${script.grade}` }, GRADES[script.grade][0]), " \u00a0 ", aboutOf(script))),
        make("label", { class: "tick" }, tick, make("span", null, say("Looked at")))));
    if (script.error) page.append(make("ul", { class: "notice bad" }, make("li", null, prose(script.error))));
    const notes = script.remarks.filter((each) => each.kind !== "doubt" && !each.line);
    if (notes.length) page.append(make("ul", { class: "notice" }, notes.map(remark)));
    if (script.regions.length) page.append(...doubts(script));
    const left = script.findings.filter((finding) => !finding.changes.length);
    if (left.length) {
      page.append(make("h3", null, say("Left for you")));
      for (const finding of left) {
        page.append(make("div", { class: "sheet" },
          codeBox(listing(script.before, finding.line - 3, finding.end + 2, [finding.line - 1, finding.end]), say("Lines around {line}", { line: finding.line }), ""),
          reasons([finding])));
      }
    }
    if (script.regions.length) changes(page, script, view, whole);
    for (const at of script.environments) page.append(...environment(data.environments[at]));
    if (script.files.length) {
      page.append(make("h3", null, say("New files")));
      for (const at of script.files) page.append(newFile(data.files[at]));
    }
    return page;
  }

  // What in the environments wants a look, before the changes that rest on it.
  function doubts(script) {
    const told = script.remarks.filter((each) => each.kind === "doubt" || (each.kind === "note" && each.line));
    return told.length ? [make("ul", { class: "notice", "aria-label": say("To look at") }, told.map(remark))] : [];
  }

  function remark(each) {
    const place = each.line ? make("span", { class: "where" }, colon(say("Line {line}", { line: each.line }))) : null;
    return make("li", { title: each.id }, place, prose(each.said));
  }

  function changes(page, script, view, whole) {
    const change = changeOf(script);
    const hunks = hunksOf(change, whole ? Infinity : CONTEXT);
    const told = hunks.map(() => []);
    for (const finding of script.findings.filter((each) => each.changes.length)) {
      const at = finding.changes[0] - 1;
      const away = (hunk) => Math.max(hunk.start - at, at - hunk.stop + 1, 0);
      told[hunks.reduce((best, hunk, index) => away(hunk) < away(hunks[best]) ? index : best, 0)].push(finding);
    }
    const button = make("button", { type: "button", class: "more", id: "whole", "aria-pressed": String(Boolean(whole)),
      onclick: () => { state.whole = !state.whole; show(state.current); $("whole").focus(); } }, whole ? say("Show the changes only") : say("Show the whole script"));
    page.append(make("h3", null, say("Changes")), ...hunks.map((hunk, at) => {
      const label = say(view === "split" ? say("Lines {first} to {last}, side by side") : say("Lines {first} to {last}, unified"), { first: hunk.start + 1, last: hunk.stop });
      return make("div", { class: "sheet" }, codeBox(view === "split" ? split(change, hunk) : unified(change, hunk), label, view),
        told[at].length ? reasons(told[at]) : null);
    }), button);
  }

  function newFile(file) {
    const box = make("details", { class: "sheet file" }, make("summary", null, plain(file.path)));
    box.addEventListener("toggle", () => {
      if (box.open && box.children.length === 1) box.append(codeBox(listing(file.text, 0, Infinity), plain(file.path), ""));
    });
    return box;
  }

  // The list, and what is shown of it.
  const state = { grades: new Set(), rule: "", text: "", open: false, view: memory.get("view") === "split" ? "split" : "unified", whole: false, current: null, matched: [] };
  const items = new Map();
  const isSeen = (script) => memory.get(script.key) !== null;

  function setSeen(script, seen) {
    memory.set(script.key, seen ? "1" : null);
    marked(script);
    counted();
  }

  function marked(script) {
    const item = items.get(script);
    const seen = isSeen(script);
    item.classList.toggle("seen", seen);
    item.querySelector(".mark").textContent = seen ? "\u2713" : "";
    item.querySelector(".unseen").textContent = `${GRADES[script.grade][0]}${seen ? `, ${say("looked at")}` : ""}: `;
  }

  function counted() {
    const seen = state.matched.filter(isSeen).length;
    $("listed").textContent = `${many("{count} script", "{count} scripts", state.matched.length)}${seen ? `, ${many("{count} looked at", "{count} looked at", seen)}` : ""}`;
  }

  function searched(script) {
    if (script.lower === undefined) {
      const parts = [script.path, script.before, script.error, ...script.remarks.map((each) => each.said), ...script.regions.map((region) => region[2]),
        ...script.environments.map((at) => data.environments[at].name), ...script.findings.map((finding) => `${finding.says} ${finding.why}`)];
      script.lower = parts.join("\n").toLowerCase();
    }
    return script.lower;
  }

  function filter() {
    const text = state.text.toLowerCase();
    state.matched = data.scripts.filter((script) => state.grades.has(script.grade)
      && (!state.rule || script.findings.some((finding) => finding.rule === state.rule))
      && (!state.open || !isSeen(script))
      && (!text || searched(script).includes(text)));
    const matched = new Set(state.matched);
    for (const [script, item] of items) item.hidden = !matched.has(script);
    counted();
    if (!matched.has(state.current)) show(state.matched[0] || null);
  }

  function show(script) {
    const moved = script !== state.current;
    if (moved) state.whole = false;
    items.get(state.current)?.firstChild.removeAttribute("aria-current");
    state.current = script;
    if (!script) {
      const why = data.scripts.length ? say("No script is like that.") : say("There is no job script here.");
      const reset = make("button", { type: "button", onclick: clear }, say("Show all scripts"));
      $("detail").replaceChildren(make("p", { class: "empty" }, why), ...(data.scripts.length ? [reset] : []));
      return;
    }
    items.get(script).firstChild.setAttribute("aria-current", "true");
    $("detail").replaceChildren(article(script, state.view, state.whole));
    if (moved) { try { history.replaceState(null, "", "#" + script.key); } catch { /* a page without an address */ } }
  }

  function choose(script) {
    if (!script) return;
    show(script);
    items.get(script).scrollIntoView({ block: "nearest" });
    const top = $("detail").getBoundingClientRect().top;
    if (top < 0) scrollBy({ top: top - 60, behavior: "instant" });
    $("told").textContent = `${script.path}, ${GRADES[script.grade][0]}`;
  }

  function step(by) {
    const at = state.matched.indexOf(state.current);
    choose(state.matched[Math.min(Math.max(at + by, 0), state.matched.length - 1)]);
  }

  function clear() {
    state.text = $("find").value = "";
    state.rule = $("rule").value = "";
    state.open = $("open").checked = false;
    for (const box of $("grades").querySelectorAll("input")) { box.checked = true; state.grades.add(box.value); }
    filter();
  }

  function setView(view) {
    state.view = view;
    memory.set("view", view);
    for (const box of document.getElementsByName("view")) box.checked = box.value === view;
    if (state.current) show(state.current);
  }

  function setTheme(theme) {
    if (theme === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", theme);
    memory.set("theme", theme === "auto" ? null : theme);
    for (const box of document.getElementsByName("theme")) box.checked = box.value === theme;
  }

  function overview() {
    const count = (test) => data.scripts.filter(test).length;
    const by = Object.fromEntries(Object.keys(GRADES).map((grade) => [grade, count((script) => script.grade === grade)]));
    const total = data.scripts.length - by.clean; // what never used conda is no work to be done
    const fixed = count((script) => script.status === "fixed");
    const changing = count((script) => script.status === "fixable") + fixed;
        $("version").textContent = data.version;
    const some = { changing: changing.toLocaleString(data.language) };
    $("headline").textContent = !data.scripts.length ? say("No job scripts") : !total ? say("No script uses conda") : !changing ? many("{count} script, and nothing to change", "{count} scripts, and nothing to change", total)
      : changing === total ? (fixed ? many("This script left conda behind", "All {count} scripts left conda behind", total) : many("This script can leave conda behind", "All {count} scripts can leave conda behind", total))
      : fixed ? many("{changing} of {count} script left conda behind", "{changing} of {count} scripts left conda behind", total, some) : many("{changing} of {count} script can leave conda behind", "{changing} of {count} scripts can leave conda behind", total, some);
    const said = [];
    if (by.safe) said.push(many("{count} script changes in safe ways only", "{count} scripts change in safe ways only", by.safe));
    if (by.review) said.push(many("{count} script wants a look", "{count} scripts want a look", by.review));
    if (by.manual) said.push(many("in {count} script something is left for you", "in {count} scripts something is left for you", by.manual));
    if (by.error) said.push(many("{count} file could not be handled", "{count} files could not be handled", by.error));
    const made = data.files.length ? ` ${many("The new jobs bring {count} new file along.", "The new jobs bring {count} new files along.", data.files.length)}` : "";
    const rest = by.clean ? ` ${many("{count} other script has nothing to do with conda.", "{count} other scripts have nothing to do with conda.", by.clean)}` : "";
    $("lede").textContent = !said.length ? rest.trim() : said.length ? said.join(say("; ")).replace(/^./, (letter) => letter.toUpperCase()) + "." + made + rest : "";
    const told = [];
    for (const [grade, [label, title]] of Object.entries(GRADES)) {
      if (!by[grade]) continue;
      told.push(`${by[grade]} ${label}`);
      const piece = make("i", { class: `${grade}-fill` });
      piece.style.flexGrow = by[grade];
      $("bar").append(piece);
      const box = make("input", { type: "checkbox", value: grade, onchange: () => {
        if (box.checked) state.grades.add(grade); else state.grades.delete(grade);
        filter();
      } });
      box.checked = grade !== "clean" || !total;
      if (box.checked) state.grades.add(grade);
      $("grades").append(make("label", { title }, box, make("i", { class: `${grade}-fill` }), make("span", null, make("b", null, by[grade].toLocaleString(data.language)), ` ${label}`)));
    }
    $("bar").setAttribute("aria-label", told.join(", ") || say("No job scripts"));
  }

  // The environments of all scripts, each once: where it is known from, and what becomes of it.
  function environments() {
    const used = data.environments.map(() => []);
    for (const script of data.scripts) for (const at of new Set(script.environments)) used[at].push(script);
    if (!data.environments.length) return;
    const told = new Map(); // one row for what reads the same
    data.environments.forEach((found, at) => {
      const key = [found.name, found.source, found.way].join("\n");
      if (told.has(key)) told.get(key)[1].push(...used[at]); else told.set(key, [found, [...used[at]]]);
    });
    const rows = [...told.values()].sort((a, b) => b[1].length - a[1].length);
    const only = (found) => { state.text = $("find").value = found.name; filter(); $("detail").focus({ preventScroll: true }); };
    $("environments").append(
      make("summary", null, many("{count} environment", "{count} environments", rows.length)),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("Environments") }, make("table", { class: "left" },
        make("thead", null, make("tr", null, [say("Environment"), say("Known from"), say("What becomes of it"), say("Scripts")].map((title) => make("th", { scope: "col" }, title)))),
        make("tbody", null, rows.slice(0, MOST_PRINTED).map(([found, scripts]) => make("tr", null,
          make("th", { scope: "row" }, plain(found.name)), make("td", null, plain(found.source) || say("unknown")), make("td", null, WAYS[found.way] || found.way),
          make("td", null, make("button", { type: "button", onclick: () => only(found) }, many("{count} script", "{count} scripts", scripts.length)))))))));
    $("environments").hidden = false;
  }

  function fill() {
    const list = document.createDocumentFragment();
    for (const script of data.scripts) {
      const cut = script.path.lastIndexOf("/") + 1;
      const link = make("a", { href: "#" + script.key, onclick: (event) => {
        event.preventDefault(); choose(script); $("detail").focus({ preventScroll: true });
        if (matchMedia("(max-width: 60rem)").matches) $("detail").scrollIntoView();
      } },
        make("i", { class: `${script.grade}-fill` }),
        make("span", { class: "name" }, make("span", { class: "unseen" }), plain(script.path.slice(cut))),
        make("span", { class: "mark", "aria-hidden": "true" }),
        cut ? make("span", { class: "folder" }, plain(script.path.slice(0, cut))) : null);
      const item = make("li", null, link);
      items.set(script, item);
      marked(script);
      list.append(item);
    }
    $("list").append(list);
    const rules = [...new Set(data.scripts.flatMap((script) => script.findings.map((finding) => finding.rule)))].sort();
    for (const rule of rules) $("rule").append(make("option", { value: rule }, rule));
  }

  function listen() {
    let waiting = 0;
    $("find").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { state.text = $("find").value; filter(); }, 80);
    });
    $("rule").addEventListener("change", () => { state.rule = $("rule").value; filter(); });
    $("open").addEventListener("change", () => { state.open = $("open").checked; filter(); });
    $("view").addEventListener("change", (event) => setView(event.target.value));
    $("theme").addEventListener("change", (event) => setTheme(event.target.value));
    addEventListener("hashchange", () => choose(data.scripts.find((script) => "#" + script.key === location.hash)));
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const writing = event.target.matches?.("input[type=search], select");
      if (event.key === "Escape" && writing) {
        const left = event.target.id === "find" && state.text + event.target.value;
        if (left) { event.preventDefault(); clearTimeout(waiting); state.text = $("find").value = ""; filter(); }
        else event.target.blur();
        return;
      }
      if (writing) return;
      const act = { j: () => step(1), k: () => step(-1), "/": () => $("find").focus(), v: () => setView(state.view === "split" ? "unified" : "split"),
        x: () => { if (state.current) { setSeen(state.current, !isSeen(state.current)); $("seen").checked = isSeen(state.current); } } }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
    addEventListener("beforeprint", () => {
      const pages = state.matched.slice(0, MOST_PRINTED).map((script) => article(script, "unified", false));
      for (const box of pages.flatMap((each) => [...each.querySelectorAll("details.file")])) {
        box.open = true;
        const file = data.files.find((each) => plain(each.path) === box.firstChild.textContent);
        if (box.children.length === 1 && file) box.append(codeBox(listing(file.text, 0, Infinity), "", ""));
      }
      if (state.matched.length > MOST_PRINTED) pages.push(make("p", null, say("The first {first} of {count} scripts.", { first: MOST_PRINTED, count: state.matched.length })));
      $("paper").replaceChildren(...pages);
    });
    addEventListener("afterprint", () => $("paper").replaceChildren());
  }

  setTheme(["light", "dark"].includes(memory.get("theme")) ? memory.get("theme") : "auto");
  for (const box of document.getElementsByName("view")) box.checked = box.value === state.view;
  overview();
  environments();
  fill();
  listen();
  state.current = data.scripts.find((script) => "#" + script.key === location.hash && state.grades.has(script.grade)) || null;
  const first = state.current;
  state.current = null;
  filter();
  if (first) choose(first);
})();
