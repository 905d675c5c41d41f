internal import Foundation
public import SluiceConfig
public import SluiceCore
internal import SluiceLocalStore

/// What a person does with a deployment's dead letters: look, replay, discard.
public struct DeadLetterDesk {
    /// A letter as it is shown.
    public struct Letter: Encodable {
        public let feature: String
        public let version: Int
        public let lane: String
        public let position: String
        public let sink: String?
        public let reason: String
        public let detail: String
        public let refusedAt: String
        public let configHash: String
        /// Bytes that are no UTF-8 are replaced; `record_base64` then has them as they are.
        public let record: String
        public let recordBase64: String?

        enum CodingKeys: String, CodingKey {
            case feature, version, lane, position, sink, reason, detail
            case refusedAt = "refused_at"
            case configHash = "config_hash"
            case record
            case recordBase64 = "record_base64"
        }

        init(_ letter: DeadLetter) {
            feature = letter.id.stream.featureVersion.feature
            version = letter.id.stream.featureVersion.version
            lane = "\(letter.id.stream.lane)"
            position = "\(letter.id.position)"
            sink = letter.id.sink
            reason = letter.reason.rawValue
            detail = letter.detail
            refusedAt = "\(letter.refusedAt)"
            configHash = letter.configHash
            record = String(decoding: letter.raw, as: UTF8.self)
            recordBase64 =
                String(validating: letter.raw, as: UTF8.self) == nil ? Data(letter.raw).base64EncodedString() : nil
        }

        /// Two lines: what and why, then the record, shortened and with control characters shown.
        public var text: String {
            let by = sink.map { " by \($0)" } ?? ""
            let shown = String.UnicodeScalarView(
                record.unicodeScalars.prefix(200).map { $0.properties.generalCategory == .control ? "·" : $0 })
            let rest = record.unicodeScalars.count > 200 ? "…" : ""
            return
                "\(refusedAt) \(feature) v\(version) \(lane) \(position): \(reason)\(by): \(detail)\n    \(String(shown))\(rest)"
        }
    }

    private let store: any DeadLetterStore
    private let sinks: [FeatureVersion: [String]]

    public init(_ configuration: Configuration) throws(ServiceError) {
        guard let service = configuration.service else { throw .configuration("sluice.yaml is not usable") }
        store = try openDeadLetters(service)
        sinks = Dictionary(
            configuration.features.map { ($0.definition.featureVersion, $0.sinks) }, uniquingKeysWith: { one, _ in one }
        )
    }

    /// What to say of a selection that selects nothing: that its feature is not configured, if it is not.
    public func hint(_ filter: DeadLetterFilter) -> String {
        let known = Set(sinks.keys.map(\.feature)).sorted()
        guard let feature = filter.feature, !known.contains(feature) else { return "" }
        return "; no feature '\(feature)' is configured, there are \(known.joined(separator: ", "))"
    }

    public func list(_ filter: DeadLetterFilter, limit: Int) throws(ServiceError) -> [Letter] {
        do throws(CoordinationTrouble) {
            return try store.list(filter, limit: limit).map(Letter.init)
        } catch {
            throw .unavailable(error.reason)
        }
    }

    public func count(_ filter: DeadLetterFilter) throws(ServiceError) -> [DeadLetterCount] {
        do throws(CoordinationTrouble) {
            return try store.count(filter)
        } catch {
            throw .unavailable(error.reason)
        }
    }

    /// Asks that these be tried again; returns how many they are. Letters of feature versions that are no longer
    /// configured stay as they are.
    public func replay(_ filter: DeadLetterFilter) throws(ServiceError) -> Int {
        do throws(CoordinationTrouble) {
            return try store.requestReplay(filter, sinks: sinks)
        } catch {
            throw .unavailable(error.reason)
        }
    }

    /// Deletes these; returns how many they were.
    public func discard(_ filter: DeadLetterFilter) throws(ServiceError) -> Int {
        do throws(CoordinationTrouble) {
            return try store.discard(filter)
        } catch {
            throw .unavailable(error.reason)
        }
    }
}

/// The dead letters of a deployment, where its configuration says.
func openDeadLetters(_ service: ServicePlan) throws(ServiceError) -> any DeadLetterStore {
    guard case .file(let path) = service.deadLetters.store else {
        throw .configuration("dead_letters of kind redis are not available in this release; use kind file")
    }
    do throws(CoordinationTrouble) {
        return try LocalDeadLetters.open(path: path)
    } catch {
        throw .unavailable(error.reason)
    }
}
