import SluiceConfig
import Testing

/// The declarations of the keys, as documentation sees them.
@Suite struct ReferenceTests {
    private static let forms = [
        ConfigurationReference.service, ConfigurationReference.sink, ConfigurationReference.feature,
    ]

    private func fields(_ form: FormDescription) -> [FieldDescription] {
        form.fields.flatMap { [$0] + nested($0.type) }
    }

    private func nested(_ type: TypeDescription) -> [FieldDescription] {
        switch type {
        case .scalar, .choice: []
        case .list(let item, _): nested(item)
        case .mapping(let form): fields(form)
        case .either(let one, let other): nested(one) + nested(other)
        }
    }

    @Test(arguments: forms) func `every key has a sentence, and a name in snake case`(_ form: FormDescription) {
        for field in fields(form) {
            #expect(field.summary.hasSuffix(".") && field.summary.first?.isUppercase == true, "\(field.name)")
            #expect(field.name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }, "\(field.name)")
        }
    }

    @Test func `what is required is what is documented as required`() {
        func required(_ form: FormDescription) -> [String] {
            form.fields.filter { $0.presence == .required && $0.kinds.isEmpty }.map(\.name)
        }
        #expect(required(ConfigurationReference.service) == ["deployment", "features", "sinks", "coordination"])
        #expect(required(ConfigurationReference.sink) == ["kind"])
        #expect(
            required(ConfigurationReference.feature)
                == ["feature", "version", "owner", "entity", "event_time", "streams", "sql", "sinks"])
    }

    @Test func `a sink's fields know the kinds that have them`() {
        let kinds = ConfigurationReference.sink.fields.filter { !$0.kinds.isEmpty }.map { "\($0.kinds[0]).\($0.name)" }
        #expect(
            kinds == [
                "redis.url", "redis.durability", "mongo.url", "mongo.durability", "file.path", "file.compression",
            ])
    }
}
