using System.Text.Json;
using System.Text.Json.Serialization;
using Grid.Gateway.Clients;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Imports;
using Grid.Gateway.Residents;
using Grid.Gateway.Results;
using Grid.Gateway.Sampling;
using Grid.Gateway.Scans;
using Grid.Gateway.Sessions;
using Grid.Gateway.Vaccination;
using Grid.Gateway.Venues;

namespace Grid.Gateway.Json;

/// <summary>
/// The source-generated JSON of every mapped call: camelCase; ignores unknown fields, refuses duplicate ones.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcTimeConverter)]
)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(RegisterAnswer))]
[JsonSerializable(typeof(RegistrationAnswerShape))]
[JsonSerializable(typeof(ConfirmRequest))]
[JsonSerializable(typeof(ConfirmAnswer))]
[JsonSerializable(typeof(ChangeRequest))]
[JsonSerializable(typeof(ChangeAnswer))]
[JsonSerializable(typeof(PhoneRequest))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(ImportPage))]
[JsonSerializable(typeof(ChallengeRequest))]
[JsonSerializable(typeof(ChallengeAnswerShape))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(ClientRequest))]
[JsonSerializable(typeof(ClientAnswer))]
[JsonSerializable(typeof(ClientTokenRequest))]
[JsonSerializable(typeof(RevokeRequest))]
[JsonSerializable(typeof(VenueRequest))]
[JsonSerializable(typeof(VenueAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
[JsonSerializable(typeof(DisplayShape))]
[JsonSerializable(typeof(ScanShape))]
[JsonSerializable(typeof(ScanShape[]))]
[JsonSerializable(typeof(ScanOutcomeShape))]
[JsonSerializable(typeof(ScanOutcomeShape[]))]
[JsonSerializable(typeof(CheckInRequest))]
[JsonSerializable(typeof(TubeRequest))]
[JsonSerializable(typeof(TubeAnswerShape))]
[JsonSerializable(typeof(SampleRequest))]
[JsonSerializable(typeof(CountAnswer))]
[JsonSerializable(typeof(WithdrawRequest))]
[JsonSerializable(typeof(TubeStateAnswer))]
[JsonSerializable(typeof(WholeTubeRequest))]
[JsonSerializable(typeof(ResultRequest))]
[JsonSerializable(typeof(ReceiptAnswer))]
[JsonSerializable(typeof(ConflictsAnswer))]
[JsonSerializable(typeof(ConflictAnswer))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(DoseRequest))]
[JsonSerializable(typeof(DoseAnswer))]
[JsonSerializable(typeof(ProblemShape))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Guid))]
internal sealed partial class GatewayJson : JsonSerializerContext;
