using System.Security.Cryptography;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>PUT and DELETE, RFC 4825 8.2 and 8.3: answered when the change is on disk.</summary>
internal sealed class XcapWriting(
    EmbeddedDocuments documents,
    DocumentValidation validation,
    DocumentWork work,
    IOptions<XcapServerOptions> options,
    TimeProvider time)
{
    private const int ETagBytes = 12;
    private const int Attempts = 3;

    public async ValueTask<XcapAnswer> PutAsync(XcapRequest request, CancellationToken cancellation)
    {
        if (!HasRightType(request))
            return XcapAnswer.Of(StatusCodes.Status415UnsupportedMediaType, "Send " + TypeOf(request));

        ReadOnlyMemory<byte>? read;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(options.Value.BodyTimeout);
        try
        {
            read = await ReadBodyAsync(request.Http.Request, late.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return XcapAnswer.Of(StatusCodes.Status408RequestTimeout, "The body takes too long");
        }

        return read is { } body ? await PutAsync(request, body, cancellation) : TooLarge();
    }

    /// <summary>The same for who has the body already.</summary>
    public async ValueTask<XcapAnswer> PutAsync(
        DocumentRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        body.Length > options.Value.MaxDocumentBytes
            ? TooLarge()
            : await ChangeAsync(
                request, current => DocumentEdit.Put(request, current, body, validation), cancellation);

    public ValueTask<XcapAnswer> DeleteAsync(DocumentRequest request, CancellationToken cancellation) =>
        ChangeAsync(request, current => DocumentEdit.Delete(request, current, validation), cancellation);

    private async ValueTask<XcapAnswer> ChangeAsync(
        DocumentRequest request, Func<StoredDocument?, DocumentEdit> edit, CancellationToken cancellation)
    {
        var selector = request.Uri.Document;
        using var turn = await documents.TakeTurnAsync(selector, cancellation);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var current = await documents.FindAsync(selector, cancellation);
            var next = await work.ComputeAsync(() => edit(current), cancellation);
            if (next.Refusal is { } refusal)
                return refusal;

            // Nothing changes: what is stored is durable already.
            if (next.Content is { } content && current?.Content.Span.SequenceEqual(content.Span) == true)
                return new(StatusCodes.Status200OK) { ETag = current.Entry.ETag };

            if (next.Content is { Length: var length } && length > options.Value.MaxDocumentBytes)
                return TooLarge();

            var etag = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(ETagBytes));
            var write = new DocumentWrite
            {
                Selector = selector,
                ExpectedETag = current?.Entry.ETag,
                Content = next.Content,
                ETag = etag,
                Modified = time.GetUtcNow(),
                Groups = next.Groups,
                Quota = options.Value.Quota,
            };

            // Once begun it is written, whether the client waits or not.
            var outcome = await documents.WriteAsync(write, CancellationToken.None);
            if (outcome.Result == DocumentResult.Written)
                return new(next.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK)
                {
                    ETag = next.Content is null ? null : etag,
                };

            if (outcome.Result != DocumentResult.Changed)
                return await RefuseAsync(outcome, cancellation);
        }

        return XcapAnswer.Unavailable(seconds: 1);
    }

    private XcapAnswer TooLarge() =>
        XcapAnswer.Of(StatusCodes.Status413PayloadTooLarge, $"At most {options.Value.MaxDocumentBytes} bytes");

    private async ValueTask<XcapAnswer> RefuseAsync(DocumentOutcome outcome, CancellationToken cancellation) =>
        XcapAnswer.Conflict(outcome.Result switch
        {
            DocumentResult.GroupTaken => await validation.TakenAsync(outcome.TakenGroup!, cancellation),
            DocumentResult.TooManyDocuments => Local($"At most {options.Value.Quota.Documents} documents"),
            DocumentResult.TooManyBytes => Local($"At most {options.Value.Quota.Bytes} bytes in all documents"),
            _ => Local($"At most {options.Value.Quota.Groups} groups"),
        });

    private static XcapError Local(string phrase) => new(XcapErrorKind.LocalConstraintFailure, phrase);

    private static bool HasRightType(XcapRequest request)
    {
        var headers = request.Http.Request;
        return MediaType.TryParse(headers.ContentType, out var type)
            && type.Is(TypeOf(request))
            && (type.Parameter("charset") ?? "utf-8").Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && headers.Headers.ContentEncoding.Count == 0;
    }

    private static string TypeOf(XcapRequest request) => request.Uri.Node switch
    {
        null => request.Usage.MediaType,
        { Attribute: null } => XcapReading.ElementType,
        _ => XcapReading.AttributeType,
    };

    /// <summary>Null when it is too large.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > options.Value.MaxDocumentBytes)
            return null;

        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            if (body.Length + read > options.Value.MaxDocumentBytes)
                return null;

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
