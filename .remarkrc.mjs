// Holds the front matter of notes against its schema, in editors that know remark: see CONTRIBUTING, "An editor".
import frontmatter from "remark-frontmatter";
import schema from "remark-lint-frontmatter-schema";

export default {
  plugins: [frontmatter, [schema, { schemas: { "./_static/front-matter-1.schema.json": ["./notes/**/*.md"] } }]],
};
