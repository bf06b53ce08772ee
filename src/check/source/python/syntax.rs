//! The node kinds and the fields of the Python grammar that the reader uses, as enumerations.
//!
//! The grammar identifies both by name. The reader looks at the kind of every node, so the numbers
//! of the names are looked up once, which avoids comparing texts.

use std::sync::LazyLock;

use tree_sitter::{Language, Node};

/// An enumeration, and the grammar's name of each member.
macro_rules! named {
    ($(#[$doc:meta])* $set:ident { $($member:ident $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $set {
            $($member,)*
        }

        impl $set {
            const NAMES: &[(Self, &'static str)] = &[$((Self::$member, $name),)*];
        }
    };
}

named! {
    /// The kind of a node in the syntax tree; [`Other`](Self::Other) for those that the reader does
    /// not use.
    Syntax {
        AliasedImport "aliased_import",
        AsPatternTarget "as_pattern_target",
        Assignment "assignment",
        Attribute "attribute",
        AugmentedAssignment "augmented_assignment",
        BinaryOperator "binary_operator",
        BooleanOperator "boolean_operator",
        Call "call",
        ClassDefinition "class_definition",
        Comment "comment",
        ConcatenatedString "concatenated_string",
        ConditionalExpression "conditional_expression",
        Decorator "decorator",
        DefaultParameter "default_parameter",
        DeleteStatement "delete_statement",
        Dictionary "dictionary",
        DictionarySplat "dictionary_splat",
        DictionarySplatPattern "dictionary_splat_pattern",
        DottedName "dotted_name",
        Error "ERROR",
        ExpressionList "expression_list",
        ForInClause "for_in_clause",
        ForStatement "for_statement",
        FunctionDefinition "function_definition",
        GlobalStatement "global_statement",
        Identifier "identifier",
        Interpolation "interpolation",
        KeywordArgument "keyword_argument",
        LambdaParameters "lambda_parameters",
        List "list",
        ListPattern "list_pattern",
        ListSplat "list_splat",
        ListSplatPattern "list_splat_pattern",
        NamedExpression "named_expression",
        NonlocalStatement "nonlocal_statement",
        Pair "pair",
        Parameters "parameters",
        ParenthesizedExpression "parenthesized_expression",
        PatternList "pattern_list",
        Percent "%",
        Plus "+",
        PlusEquals "+=",
        Set "set",
        String "string",
        StringEnd "string_end",
        StringStart "string_start",
        Subscript "subscript",
        Tuple "tuple",
        TuplePattern "tuple_pattern",
        TypedDefaultParameter "typed_default_parameter",
        TypedParameter "typed_parameter",
        Other "",
    }
}

named! {
    /// The name of a child of a node, such as the left side of an assignment.
    Field {
        Alias "alias",
        Arguments "arguments",
        Attribute "attribute",
        Function "function",
        Key "key",
        Left "left",
        ModuleName "module_name",
        Name "name",
        Object "object",
        Operator "operator",
        Right "right",
        Subscript "subscript",
        Value "value",
    }
}

/// The numbers that the grammar gives to node kinds and fields.
struct Numbers {
    /// The kinds of nodes, indexed by the number that the grammar gives them.
    kinds: Vec<Syntax>,
    /// The numbers of fields, in the order of [`Field::NAMES`].
    fields: Vec<u16>,
}

static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| {
    let language: Language = tree_sitter_python::LANGUAGE.into();
    let kind = |name| Syntax::NAMES.iter().find(|(_, it)| Some(*it) == name);
    let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
    let kinds = (0..count).map(|number| {
        let name = language.node_kind_for_id(number).filter(|name| !name.is_empty());
        kind(name).map_or(Syntax::Other, |(kind, _)| *kind)
    });
    let field = |name| language.field_id_for_name(name).map_or(0, u16::from);
    Numbers { kinds: kinds.collect(), fields: Field::NAMES.iter().map(|it| field(it.1)).collect() }
});

/// The number that tree-sitter gives to the node of a part that cannot be parsed.
const ERROR: u16 = u16::MAX;

/// Access to a node by the enumerations instead of names.
pub(super) trait Known<'t> {
    /// The kind of the node, as the grammar defines it.
    fn syntax(&self) -> Syntax;

    /// The child of the node in this field; `None` if the node has none.
    fn field(&self, field: Field) -> Option<Node<'t>>;
}

impl<'t> Known<'t> for Node<'t> {
    fn syntax(&self) -> Syntax {
        match self.kind_id() {
            ERROR => Syntax::Error,
            number => NUMBERS.kinds.get(usize::from(number)).copied().unwrap_or(Syntax::Other),
        }
    }

    fn field(&self, field: Field) -> Option<Node<'t>> {
        self.child_by_field_id(NUMBERS.fields[field as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_has_all_names() {
        for (kind, name) in Syntax::NAMES {
            let is_known = NUMBERS.kinds.contains(kind) || *kind == Syntax::Error;
            assert!(is_known, "{name}");
        }
        for ((_, name), number) in Field::NAMES.iter().zip(&NUMBERS.fields) {
            assert_ne!(*number, 0, "{name}");
        }
    }
}
